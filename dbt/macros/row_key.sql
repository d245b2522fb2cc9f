{# The key of a mart's row as one text, the way mart_lineage spells it: values of the grain. #}
{% macro row_key(columns) -%}
    concat_ws('|'
        {%- for column in columns %}, coalesce(cast({{ column }} as string), ''){% endfor -%}
    )
{%- endmacro %}
