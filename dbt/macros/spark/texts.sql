{# Texts in Spark's SQL, where a backslash in a plain literal escapes. #}
{% macro spark__json_text(column, key) -%}
    get_json_object({{ column }}, '$.{{ key }}')
{%- endmacro %}

{% macro spark__squeezed(text) -%}
    trim(regexp_replace({{ text }}, '\\s+', ' '))
{%- endmacro %}

{# `listagg` would say it, and breaks beside another distinct aggregate in Spark 4.1. #}
{% macro spark__joined_texts(text, separator) -%}
    nullif(array_join(array_sort(collect_set({{ text }})), '{{ separator }}'), '')
{%- endmacro %}

{% macro spark__listed_texts(text, separator) -%}
    nullif(array_join(array_sort(collect_list({{ text }})), '{{ separator }}'), '')
{%- endmacro %}

{% macro spark__split_rows(text, separator) -%}
    explode(split({{ text }}, '{{ separator }}'))
{%- endmacro %}

{% macro spark__is_of_form(text, form) -%}
    ({{ text }} rlike r'^(?:{{ form }})$')
{%- endmacro %}
