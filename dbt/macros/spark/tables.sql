{#
A table with a contract: made of the contract's columns, each with its description, then filled.
dbt-spark makes a table of a query's result, in which columns have no descriptions, and describes
them afterwards for Delta and Iceberg only.
#}
{% macro spark__create_table_as(temporary, relation, compiled_code, language="sql") -%}
    {%- set kept = file_format_clause() ~ location_clause() ~ comment_clause() -%}
    {%- if not config.get("contract").enforced -%}
        {{ return("create table " ~ relation ~ " " ~ kept ~ " as " ~ compiled_code) }}
    {%- endif -%}
    {%- do get_assert_columns_equivalent(compiled_code) -%}
    {%- set columns = [] -%}
    {%- for column in model.columns.values() -%}
        {%- do columns.append(
            column.name ~ " " ~ spark_type(column.data_type)
            ~ " comment " ~ spark_text(column.description)
        ) -%}
    {%- endfor -%}
    {%- do run_query(
        "create table " ~ relation ~ " (" ~ columns | join(", ") ~ ") " ~ kept
    ) -%}
    insert into {{ relation }} {{ get_select_subquery(compiled_code) }}
{%- endmacro %}
