-- Grain: indicator x scope x period x series version. The indices of docs/formulas.md. Every
-- term is rounded to twelve decimals before it is added, so that the order in which an engine
-- adds them can't show.
{% set keys = ["indicator_id", "scope_id", "period_label", "series_version"] -%}
with units as (
    select * from {{ ref("int_disparity__units") }}
),

singles as (
    select
        {{ keys | join(", ") }},
        cast(sum(n_reported) as integer) as n_reported,
        cast(sum(n_expected) as integer) as n_expected,
        cast(count(*) as integer) as n_units,
        bool_and(is_scope_complete) as is_complete,
        bool_and(is_scope_weighted) as is_weighted,
        max(mean_value) as mean_value,
        max(value) as highest_value,
        min(value) as lowest_value,
        sqrt(cast(sum(
            {{ to_decimal(
                "population_share * (relative_value - 1) * (relative_value - 1)", 28, 12
            ) }}
        ) as double)) as williamson,
        sum(
            {% set term -%}
                case
                    when relative_value > 0
                        then
                            population_share
                            * relative_value * ln(relative_value)
                    -- What x ln x tends to as x tends to zero.
                    when relative_value = 0 then 0
                end
            {%- endset -%}
            {{ to_decimal(term, 28, 12) }}
        ) as theil
    from units
    group by {{ keys | join(", ") }}
),

pairs as (
    select
        {{ columns_of("one", keys) }},
        sum(
            {% set term -%}
                one.population_share * other.population_share
                * abs(one.relative_value - other.relative_value) / 2
            {%- endset -%}
            {{ to_decimal(term, 28, 12) }}
        ) as gini
    from units as one
    inner join units as other
        on {{ same_columns("one", "other", keys) }}
    group by {{ columns_of("one", keys) }}
),

extremes as (
    select
        {{ keys | join(", ") }},
        min(case when value = highest then unit_id end) as highest_unit_id,
        min(case when value = lowest then unit_id end) as lowest_unit_id
    from (
        select
            units.*,
            max(value) over (
                partition by {{ keys | join(", ") }}
            ) as highest,
            min(value) over (
                partition by {{ keys | join(", ") }}
            ) as lowest
        from units
    ) as ranged
    group by {{ keys | join(", ") }}
),

indices as (
    select
        {{ columns_of("singles", keys) }},
        singles.n_reported,
        singles.n_expected,
        singles.is_complete,
        singles.is_weighted,
        singles.mean_value,
        singles.highest_value,
        singles.lowest_value,
        extremes.highest_unit_id,
        extremes.lowest_unit_id,
        singles.williamson,
        singles.theil,
        pairs.gini,
        case
            when singles.n_reported < singles.n_expected then 'member_missing'
            when singles.n_units < 2 then 'one_member_only'
            when not singles.is_weighted then 'population_missing'
            when singles.mean_value = 0 then 'mean_is_zero'
        end as index_reason,
        case
            when singles.n_reported < singles.n_expected then 'member_missing'
            when singles.n_units < 2 then 'one_member_only'
            when not singles.is_complete then 'population_missing'
            when singles.lowest_value = 0 then 'lowest_is_zero'
        end as ratio_reason
    from singles
    inner join pairs
        on {{ same_columns("singles", "pairs", keys) }}
    inner join extremes
        on {{ same_columns("singles", "extremes", keys) }}
)

select * from indices
