{# What a release says about itself. `python -m release` hands it over in the environment, not as
   `--vars`: dbt reads the whole project anew whenever a variable changes, and what names each
   release differs each time. #}
{% macro said_of_release(name) -%}
    {{ return(env_var("LUMBUNG_BUILD_" ~ name | upper, var(name) | string)) }}
{%- endmacro %}

{# When the release was begun, as a UTC timestamp; the start of this run outside a release. #}
{% macro build_time() -%}
    {%- set given = said_of_release("created_at")
        or run_started_at.strftime("%Y-%m-%dT%H:%M:%S") -%}
    cast('{{ (given | string)[:19] | replace("T", " ") }}' as timestamp)
{%- endmacro %}

{# What the release said about itself, as a text of SQL. #}
{% macro text_variable(name) -%}
    cast({{ dbt.string_literal(dbt.escape_single_quotes(said_of_release(name))) }} as string)
{%- endmacro %}
