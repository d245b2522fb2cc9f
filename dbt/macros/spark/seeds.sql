{#
Seeds on Spark. dbt-spark's own way puts values into the statement with quotes round them and
nothing else, so that a name with an apostrophe breaks it, and knows no NULL of a text.
#}
{% macro spark__create_csv_table(model, agate_table) -%}
    {%- set types = model.config.column_types -%}
    {%- set columns = [] -%}
    {%- for name in agate_table.column_names -%}
        {%- do columns.append(name ~ " " ~ spark_type(types[name])) -%}
    {%- endfor -%}
    {%- set sql = "create table " ~ this.render() ~ " (" ~ columns | join(", ") ~ ") using parquet" -%}
    {%- call statement("_") -%}{{ sql }}{%- endcall -%}
    {{ return(sql) }}
{%- endmacro %}

{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model.config.column_types -%}
    {%- set names = agate_table.column_names -%}
    {%- set casts = [] -%}
    {%- for name in names -%}
        {%- do casts.append("cast(" ~ name ~ " as " ~ spark_type(types[name]) ~ ")") -%}
    {%- endfor -%}
    {%- set rows = [] -%}
    {%- for row in agate_table.rows -%}
        {%- set values = [] -%}
        {%- for value in row -%}
            {%- do values.append(spark_text(value)) -%}
        {%- endfor -%}
        {%- do rows.append("(" ~ values | join(", ") ~ ")") -%}
    {%- endfor -%}
    {%- set sql -%}
        insert into {{ this.render() }}
        select {{ casts | join(", ") }}
        from values {{ rows | join(", ") }} as seed ({{ names | join(", ") }})
    {%- endset -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {{ return(sql) }}
{%- endmacro %}

{# A text of Spark's SQL: a backslash escapes there. #}
{% macro spark_text(value) -%}
    {%- if value is none -%}
        {{ return("cast(null as string)") }}
    {%- endif -%}
    {{ return("'" ~ (value | string) | replace("\\", "\\\\") | replace("'", "\\'") ~ "'") }}
{%- endmacro %}
