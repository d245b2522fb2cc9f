{# Two relations agree in all of the columns; none of them is ever NULL. #}
{% macro same_columns(a, b, columns) -%}
    {%- for column in columns -%}
        {{ a }}.{{ column }} = {{ b }}.{{ column }}{{ " and " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# The columns of one relation, one after the other. #}
{% macro columns_of(relation, columns) -%}
    {%- for column in columns -%}
        {{ relation }}.{{ column }}{{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
