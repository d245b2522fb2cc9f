{#
The rows of a unit test as a query. dbt's own way joins a `select` for each row; see Spark's for
why that does not do there.
#}
{% macro get_fixture_sql(rows, column_name_to_data_types) -%}
    {{ return(adapter.dispatch("fixture_sql")(rows, column_name_to_data_types)) }}
{%- endmacro %}

{% macro default__fixture_sql(rows, column_name_to_data_types) -%}
    {{ return(dbt.get_fixture_sql(rows, column_name_to_data_types)) }}
{%- endmacro %}
