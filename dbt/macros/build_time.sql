{# When the release was begun, as a UTC timestamp; the start of this run outside a release. #}
{% macro build_time() -%}
    {%- set given = var("created_at") or run_started_at.strftime("%Y-%m-%dT%H:%M:%S") -%}
    cast('{{ (given | string)[:19] | replace("T", " ") }}' as timestamp)
{%- endmacro %}
