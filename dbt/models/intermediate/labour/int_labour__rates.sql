-- Grain: region x round x series version x breakdown x category. The rate as published; where
-- none was, the identity over two figures of the same round and version, marked as derived.
with figures as (
    select * from {{ ref("int_labour__figures") }}
),

published as (
    select
        region_code,
        survey_month_start,
        series_version,
        breakdown,
        category,
        value as unemployment_rate_pct,
        standard_error,
        has_conflict,
        conflict_kind,
        is_headline as is_rule_choice,
        obs_id,
        false as is_derived,
        cast(null as string) as formula_id,
        cast(null as string) as second_obs_id,
        1 as preference
    from figures
    where indicator_id = 'unemployment_rate'
),

from_persons as (
    select
        labour_force.region_code,
        labour_force.survey_month_start,
        labour_force.series_version,
        labour_force.breakdown,
        labour_force.category,
        {{ to_decimal(
            rounded(ratio("100 * unemployed.value", "labour_force.value"), 2), 28, 6
        ) }} as unemployment_rate_pct,
        cast(null as decimal(28, 6)) as standard_error,
        unemployed.has_conflict or labour_force.has_conflict as has_conflict,
        coalesce(
            unemployed.conflict_kind, labour_force.conflict_kind
        ) as conflict_kind,
        false as is_rule_choice,
        unemployed.obs_id,
        true as is_derived,
        'unemployed_over_labour_force' as formula_id,
        labour_force.obs_id as second_obs_id,
        2 as preference
    from figures as labour_force
    inner join figures as unemployed
        on
            labour_force.region_code = unemployed.region_code
            and labour_force.survey_month_start = unemployed.survey_month_start
            and labour_force.series_version = unemployed.series_version
            and labour_force.breakdown = unemployed.breakdown
            and labour_force.category = unemployed.category
    where
        labour_force.indicator_id = 'labour_force'
        and unemployed.indicator_id = 'unemployed'
        and labour_force.value > 0
        and unemployed.value between 0 and labour_force.value
),

from_employment_rate as (
    select
        region_code,
        survey_month_start,
        series_version,
        breakdown,
        category,
        cast(100 - value as decimal(28, 6)) as unemployment_rate_pct,
        cast(null as decimal(28, 6)) as standard_error,
        has_conflict,
        conflict_kind,
        false as is_rule_choice,
        obs_id,
        true as is_derived,
        'hundred_less_employment_rate' as formula_id,
        cast(null as string) as second_obs_id,
        3 as preference
    from figures
    where indicator_id = 'employment_rate'
),

every_way as (
    select * from published
    union all
    select * from from_persons
    union all
    select * from from_employment_rate
),

preferred as (
    select
        every_way.*,
        row_number() over (
            partition by
                region_code,
                survey_month_start,
                series_version,
                breakdown,
                category
            order by preference
        ) as way
    from every_way
),

reweighted_rounds as (
    -- A round that was published again on named weights: its unnamed versions can't be told
    -- apart from them, so they compare with nothing but themselves.
    select distinct survey_month_start
    from published
    where series_version not in ('', 'first_release')
),

rates as (
    select
        preferred.region_code,
        preferred.survey_month_start,
        preferred.series_version,
        preferred.breakdown,
        preferred.category,
        preferred.unemployment_rate_pct,
        preferred.standard_error,
        preferred.has_conflict,
        preferred.conflict_kind,
        preferred.is_rule_choice,
        preferred.obs_id,
        preferred.is_derived,
        preferred.formula_id,
        preferred.second_obs_id,
        case
            when preferred.series_version not in ('', 'first_release')
                then preferred.series_version
            when
                reweighted_rounds.survey_month_start is null
                then 'as published'
            when preferred.series_version = '' then 'unnamed'
            else preferred.series_version
        end as weights_group
    from preferred
    left join reweighted_rounds
        on preferred.survey_month_start = reweighted_rounds.survey_month_start
    where preferred.way = 1
)

select * from rates
