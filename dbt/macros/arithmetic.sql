{#
Division and rounding, the same on every engine to the last digit. DuckDB divides in binary
floating point and rounds into a decimal its own way; Spark would do both differently.
#}

{# One number over another, in floating point. Dividing by zero is the caller's to prevent. #}
{% macro ratio(part, whole) -%}
    {{ return(adapter.dispatch("ratio")(part, whole)) }}
{%- endmacro %}

{% macro default__ratio(part, whole) -%}
    {{ return(part ~ " / " ~ whole) }}
{%- endmacro %}

{# A floating-point number as a decimal: half away from zero, within a billionth of its last digit. #}
{% macro to_decimal(number, precision, scale) -%}
    {{ return(adapter.dispatch("to_decimal")(number, precision, scale)) }}
{%- endmacro %}

{% macro default__to_decimal(number, precision, scale) -%}
    {{ return("cast(" ~ number ~ " as decimal(" ~ precision ~ ", " ~ scale ~ "))") }}
{%- endmacro %}

{# A floating-point number rounded to so many digits, half away from zero. #}
{% macro rounded(number, digits) -%}
    {{ return(adapter.dispatch("rounded")(number, digits)) }}
{%- endmacro %}

{% macro default__rounded(number, digits) -%}
    {{ return("round(" ~ number ~ ", " ~ digits ~ ")") }}
{%- endmacro %}
