{# Spark divides decimals as decimals, with a scale of its own choosing. #}
{% macro spark__ratio(part, whole) -%}
    {{ return("cast(" ~ part ~ " as double) / cast(" ~ whole ~ " as double)") }}
{%- endmacro %}

{#
DuckDB's cast of a floating-point number to a decimal, step by step: scaled, moved a billionth
away from zero, rounded to a whole number half to even, and that number taken as it stands.
Spark's own cast takes the shortest text of the number instead, which is another one above 2^53
and near a half. The whole number goes over in two parts, since it may be longer than a bigint.
#}
{% macro spark__to_decimal(number, precision, scale) -%}
    {%- set scaled = "(cast(" ~ number ~ " as double) * 1e" ~ scale ~ "D)" -%}
    {%- set whole = "rint(" ~ scaled ~ " + signum(" ~ scaled ~ ") * 1e-9D)" -%}
    {%- set high = "cast(floor(" ~ whole ~ " / 4294967296D) as decimal(20, 0))" -%}
    {%- set low = "cast(cast(pmod(" ~ whole ~ ", 4294967296D) as bigint) as decimal(20, 0))" -%}
    {{ return(
        "cast((" ~ high ~ " * 4294967296 + " ~ low ~ ") * 0." ~ "0" * (scale - 1) ~ "1BD as decimal("
        ~ precision ~ ", " ~ scale ~ "))"
    ) }}
{%- endmacro %}

{# DuckDB's: scaled, rounded to a whole number half away from zero, and scaled back. #}
{% macro spark__rounded(number, digits) -%}
    {{ return("round((" ~ number ~ ") * 1e" ~ digits ~ "D, 0) / 1e" ~ digits ~ "D") }}
{%- endmacro %}
