{# One text out of a JSON object, NULL where it is not there. #}
{% macro json_text(column, key) -%}
    {{ return(adapter.dispatch("json_text")(column, key)) }}
{%- endmacro %}

{% macro default__json_text(column, key) -%}
    json_extract_string({{ column }}, '$.{{ key }}')
{%- endmacro %}

{# Runs of white space become one space, none at the ends: two spellings, one name. #}
{% macro squeezed(text) -%}
    {{ return(adapter.dispatch("squeezed")(text)) }}
{%- endmacro %}

{% macro default__squeezed(text) -%}
    trim(regexp_replace({{ text }}, '\s+', ' ', 'g'))
{%- endmacro %}

{# The texts of a group as one, each once and sorted; NULL where there is none. #}
{% macro joined_texts(text, separator) -%}
    {{ return(adapter.dispatch("joined_texts")(text, separator)) }}
{%- endmacro %}

{% macro default__joined_texts(text, separator) -%}
    string_agg(distinct {{ text }}, '{{ separator }}' order by {{ text }})
{%- endmacro %}

{# The texts of a group as one, sorted; NULL where there is none. #}
{% macro listed_texts(text, separator) -%}
    {{ return(adapter.dispatch("listed_texts")(text, separator)) }}
{%- endmacro %}

{% macro default__listed_texts(text, separator) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ text }})
{%- endmacro %}

{# One row for each part of a text. #}
{% macro split_rows(text, separator) -%}
    {{ return(adapter.dispatch("split_rows")(text, separator)) }}
{%- endmacro %}

{% macro default__split_rows(text, separator) -%}
    unnest(string_split({{ text }}, '{{ separator }}'))
{%- endmacro %}

{# Whether a text is of a regular form from its first sign to its last. #}
{% macro is_of_form(text, form) -%}
    {{ return(adapter.dispatch("is_of_form")(text, form)) }}
{%- endmacro %}

{% macro default__is_of_form(text, form) -%}
    regexp_full_match({{ text }}, '{{ form }}')
{%- endmacro %}
