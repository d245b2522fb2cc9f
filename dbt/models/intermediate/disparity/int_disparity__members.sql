-- Grain: indicator x scope x period x series version x expected region. Its value, NULL where
-- it reports none, and its weight. Product and spending per head are weighted with the persons
-- they were divided by; rates and indices with the registered persons of one year for all
-- members: the period's own, else the latest earlier, else the earliest later one that covers
-- every member.
with figures as (
    select * from {{ ref("int_disparity__figures") }}
),

scopes as (
    select * from {{ ref("int_disparity__scopes") }}
),

denominators as (
    select * from {{ ref("int_population__denominators") }}
),

-- One region is no comparison.
compared as (
    select
        scopes.scope_id,
        figures.indicator_id,
        figures.period_label,
        figures.period_year,
        figures.series_version,
        min(figures.period_start) as period_start
    from figures
    inner join scopes
        on figures.region_code = scopes.region_code
    group by
        scopes.scope_id,
        figures.indicator_id,
        figures.period_label,
        figures.period_year,
        figures.series_version
    having count(*) > 1
),

expected as (
    select
        compared.*,
        scopes.parent_region_code,
        scopes.grouping_id,
        scopes.unit_id,
        scopes.region_code,
        count(*) over (
            partition by
                compared.scope_id,
                compared.indicator_id,
                compared.period_label,
                compared.series_version
        ) as n_expected
    from compared
    inner join scopes
        on compared.scope_id = scopes.scope_id
    where
        (
            scopes.valid_from is null
            or scopes.valid_from <= compared.period_start
        )
        and (
            scopes.valid_to is null
            or scopes.valid_to > compared.period_start
        )
),

weight_years as (
    select
        expected.scope_id,
        expected.indicator_id,
        expected.period_label,
        expected.series_version,
        denominators.denominator_year,
        row_number() over (
            partition by
                expected.scope_id,
                expected.indicator_id,
                expected.period_label,
                expected.series_version
            order by
                case
                    when
                        denominators.denominator_year
                        <= min(expected.period_year)
                        then 0
                    else 1
                end,
                abs(
                    denominators.denominator_year - min(expected.period_year)
                )
        ) as choice
    from expected
    inner join denominators
        on expected.region_code = denominators.region_code
    group by
        expected.scope_id,
        expected.indicator_id,
        expected.period_label,
        expected.series_version,
        denominators.denominator_year
    having count(*) = min(expected.n_expected)
),

members as (
    select
        expected.*,
        figures.value,
        figures.obs_id,
        figures.second_obs_id,
        expected.indicator_id in (
            'grdp_per_capita', 'budget_expenditure_per_capita'
        ) as is_per_head,
        case
            when
                expected.indicator_id in (
                    'grdp_per_capita', 'budget_expenditure_per_capita'
                )
                then figures.own_persons
            else denominators.persons
        end as persons,
        case
            when
                expected.indicator_id in (
                    'grdp_per_capita', 'budget_expenditure_per_capita'
                )
                then figures.persons_obs_id
            else denominators.obs_id
        end as persons_obs_id,
        case
            when
                expected.indicator_id not in (
                    'grdp_per_capita', 'budget_expenditure_per_capita'
                )
                then denominators.denominator_year
        end as weight_year
    from expected
    left join figures
        on
            expected.region_code = figures.region_code
            and expected.indicator_id = figures.indicator_id
            and expected.period_label = figures.period_label
            and expected.series_version = figures.series_version
    left join weight_years
        on
            expected.scope_id = weight_years.scope_id
            and expected.indicator_id = weight_years.indicator_id
            and expected.period_label = weight_years.period_label
            and expected.series_version = weight_years.series_version
            and weight_years.choice = 1
    left join denominators
        on
            expected.region_code = denominators.region_code
            and weight_years.denominator_year = denominators.denominator_year
)

select * from members
