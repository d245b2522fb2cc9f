-- Grain: indicator x scope x period x series version x unit: a region, or a group of regions
-- with its population-weighted mean. A unit with a silent member has no value. Beside it its
-- share in the population and its value relative to the mean of all.
{% set keys = ["indicator_id", "scope_id", "period_label", "series_version"] -%}
with members as (
    select * from {{ ref("int_disparity__members") }}
),

units as (
    select
        {{ keys | join(", ") }},
        unit_id,
        cast(count(value) as integer) as n_reported,
        cast(count(*) as integer) as n_expected,
        count(persons) = count(*) as is_weighted,
        case when count(persons) = count(*) then sum(persons) end as persons,
        case
            when count(value) < count(*) then null
            when count(*) = 1 then max(value)
            when count(persons) = count(*)
                then {{ to_decimal(
                        ratio("sum(value * persons)", "sum(persons)"), 28, 6
                    ) }}
        end as value
    from members
    group by {{ keys | join(", ") }}, unit_id
),

totals as (
    select
        {{ keys | join(", ") }},
        bool_and(value is not null) as is_complete,
        bool_and(value is not null and is_weighted) as is_weighted,
        sum(persons) as persons,
        {{ ratio("sum(value * persons)", "sum(persons)") }} as mean_value
    from units
    group by {{ keys | join(", ") }}
),

weighed as (
    select
        units.*,
        totals.is_complete as is_scope_complete,
        totals.is_weighted as is_scope_weighted,
        case
            when totals.is_weighted
                then
                    cast(units.persons as double)
                    / cast(totals.persons as double)
        end as population_share,
        case
            when totals.is_weighted
                then {{ to_decimal("totals.mean_value", 28, 6) }}
        end as mean_value,
        case
            when totals.is_weighted and totals.mean_value > 0
                then
                    cast(units.value as double)
                    / cast(totals.mean_value as double)
        end as relative_value
    from units
    inner join totals
        on {{ same_columns("units", "totals", keys) }}
)

select * from weighed
