-- Grain: that of int_labour__rates. The change over exactly twelve months within one series
-- version, and the one version of each round that leads.
with rates as (
    select * from {{ ref("int_labour__rates") }}
),

compared as (
    select
        rates.*,
        year_before.obs_id as year_before_obs_id,
        year_before.second_obs_id as year_before_second_obs_id,
        rates.unemployment_rate_pct
        - year_before.unemployment_rate_pct as change_pp,
        -- Two independent samples: 1.96 standard errors of their difference.
        abs(rates.unemployment_rate_pct - year_before.unemployment_rate_pct)
        > 1.96 * sqrt(
            power(cast(rates.standard_error as double), 2)
            + power(cast(year_before.standard_error as double), 2)
        ) as change_is_significant
    from rates
    left join rates as year_before
        on
            rates.region_code = year_before.region_code
            and rates.series_version = year_before.series_version
            and rates.breakdown = year_before.breakdown
            and rates.category = year_before.category
            and rates.survey_month_start
            = year_before.survey_month_start + interval 12 month
            -- No name is no proof of one version: across a re-weighting it doesn't count.
            and (
                rates.series_version <> ''
                or rates.weights_group = year_before.weights_group
            )
),

led as (
    select
        compared.*,
        first_value(unemployment_rate_pct) over (
            partition by region_code, survey_month_start, breakdown, category
            order by is_rule_choice desc, is_derived asc, series_version asc
        ) as rule_choice_pct
    from compared
),

-- The headline rule picks the figure. Where several versions carry that same figure, the one
-- that also has the year before it leads: the reader loses nothing and gains the change.
ranked as (
    select
        led.*,
        row_number() over (
            partition by region_code, survey_month_start, breakdown, category
            order by
                case
                    when unemployment_rate_pct = rule_choice_pct then 0
                    else 1
                end,
                case when change_pp is null then 1 else 0 end,
                is_rule_choice desc,
                is_derived asc,
                series_version asc
        ) = 1 as is_headline
    from led
)

select * from ranked
