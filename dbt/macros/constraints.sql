{#
What DuckDB itself holds a table to: types, and NULL nowhere that a contract forbids it. A primary
key would be an index, which takes more time and memory than the table it is on, in the build and in
every copy. So dbt's tests hold the rows to their key, as tests/dbt/test_keys.py makes sure; only a
table that is filled after them has the index.
#}
{% macro duckdb__get_table_columns_and_constraints() -%}
    {%- set is_filled_later = config.get("meta", {}).get("is_filled_later", false) -%}
    {%- set rendered = adapter.render_raw_columns_constraints(raw_columns=model["columns"]) -%}
    {%- if is_filled_later -%}
        {%- set keys = adapter.render_raw_model_constraints(raw_constraints=model["constraints"]) -%}
        {%- set rendered = rendered + keys -%}
    {%- endif -%}
    ({{ rendered | join(", ") }})
{%- endmacro %}
