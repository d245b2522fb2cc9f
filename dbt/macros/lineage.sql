{#
One row a cell and claim it rests on. `cells` is a list of (relation, column of the mart, columns
that hold claims, condition under which the cell has a value).
#}
{% macro lineage_cells(mart, cells) -%}
    {%- set selects = [] -%}
    {%- for relation, column, obs_ids, condition in cells -%}
        {%- for obs_id in obs_ids -%}
            {%- do selects.append(
                "select '" ~ mart ~ "' as mart, row_key, '" ~ column ~ "' as column_name, "
                ~ obs_id ~ " as obs_id from " ~ relation
                ~ " where " ~ obs_id ~ " is not null and " ~ condition
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ selects | join("\nunion\n") }}
{%- endmacro %}

{# The grain of a survey round's row, as mart_lineage spells it. #}
{% macro round_key(others) -%}
    {{ row_key([
        "region_code",
        "extract(year from survey_month_start)",
        "extract(month from survey_month_start)",
    ] + others) }}
{%- endmacro %}
