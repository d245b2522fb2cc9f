{#
The rows of a unit test as one list of values. Where a test's rows are joined by `union all`,
Spark's analyzer renames the columns of every branch wherever a query reads them once more: over
the rule of claims, which reads its claims in some twenty places, that took a minute and more.
#}
{% macro spark__fixture_sql(rows, column_name_to_data_types) -%}
    {%- set types = column_name_to_data_types or {} -%}
    {%- if not types -%}
        {%- for column in adapter.get_columns_in_relation(this) -%}
            {%- do types.update({column.name | lower: column.data_type}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set names = types.keys() | list -%}
    {%- set wanted = [] -%}
    {%- for row in rows or [{}] -%}
        {%- set given = format_row(row, types) -%}
        {%- set values = [] -%}
        {%- for name in names -%}
            {%- do values.append(given.get(name, safe_cast("null", types[name])) | trim) -%}
        {%- endfor -%}
        {%- do wanted.append("(" ~ values | join(", ") ~ ")") -%}
    {%- endfor -%}
    select * from values {{ wanted | join(", ") }} as fixture ({{ names | join(", ") }})
    {%- if not rows %} limit 0{% endif -%}
{%- endmacro %}
