{# The contracts and seeds name types as DuckDB and PostgreSQL do; Spark's text has no length. #}
{% macro spark_type(data_type) -%}
    {{ return("string" if data_type == "varchar" else data_type) }}
{%- endmacro %}

{# What a contract promises, as an empty query in Spark's types: dbt holds the model against it. #}
{% macro spark__get_empty_schema_sql(columns) %}
    {%- set translated = {} -%}
    {%- for name, column in columns.items() -%}
        {%- do translated.update({name: dict(column, data_type=spark_type(column.data_type))}) -%}
    {%- endfor -%}
    {{ return(default__get_empty_schema_sql(translated)) }}
{% endmacro %}
