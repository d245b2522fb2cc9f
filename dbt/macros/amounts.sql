{#
Whole rupiah or persons, half to even, in exact decimal arithmetic: `round` goes away from
zero, and floating point loses rupiah above 9 quadrillion.
#}
{% macro to_integer(amount) -%}
    cast(
        floor({{ amount }}) + case
            when {{ amount }} - floor({{ amount }}) > 0.5 then 1
            when {{ amount }} - floor({{ amount }}) < 0.5 then 0
            else abs(mod(floor({{ amount }}), 2))
        end as bigint
    )
{%- endmacro %}

{# A share of rupiah in percent, NULL where there is nothing to divide by. #}
{% macro percent_of(part, whole) -%}
    {{ to_decimal(
        ratio("100 * cast(" ~ part ~ " as decimal(28, 6))", "nullif(" ~ whole ~ ", 0)"), 18, 6
    ) }}
{%- endmacro %}

{# Whole rupiah a person. #}
{% macro per_head(amount, persons) -%}
    {{ to_integer(to_decimal(ratio(amount, persons), 28, 6)) }}
{%- endmacro %}
