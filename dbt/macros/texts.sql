{# One text out of a JSON object, NULL where it is not there. #}
{% macro json_text(column, key) -%}
    {{ return(adapter.dispatch("json_text")(column, key)) }}
{%- endmacro %}

{% macro default__json_text(column, key) -%}
    json_extract_string({{ column }}, '$.{{ key }}')
{%- endmacro %}

{% macro spark__json_text(column, key) -%}
    get_json_object({{ column }}, '$.{{ key }}')
{%- endmacro %}

{# Runs of white space become one space, none at the ends: two spellings, one name. #}
{% macro squeezed(text) -%}
    {{ return(adapter.dispatch("squeezed")(text)) }}
{%- endmacro %}

{% macro default__squeezed(text) -%}
    trim(regexp_replace({{ text }}, '\s+', ' ', 'g'))
{%- endmacro %}

{% macro spark__squeezed(text) -%}
    trim(regexp_replace({{ text }}, '\\s+', ' '))
{%- endmacro %}
