{# When the release was begun, as a UTC timestamp; the start of this run outside a release. #}
{% macro build_time() -%}
    {%- set given = var("created_at") or run_started_at.strftime("%Y-%m-%dT%H:%M:%S") -%}
    cast('{{ (given | string)[:19] | replace("T", " ") }}' as timestamp)
{%- endmacro %}

{# What the release said about itself, as a text of SQL. #}
{% macro text_variable(name) -%}
    cast({{ dbt.string_literal(dbt.escape_single_quotes(var(name))) }} as varchar)
{%- endmacro %}
