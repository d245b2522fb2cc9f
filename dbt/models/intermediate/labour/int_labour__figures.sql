-- Grain: figure of a Sakernas round (indicator x region x month x version x breakdown). Surveys
-- only: projections and whole-year figures never enter.
with claims as (
    select * from {{ ref("int_claims__classified") }}
    where
        is_figure_headline
        and value is not null
        and indicator_id in (
            'unemployment_rate', 'participation_rate', 'employment_rate',
            'labour_force', 'employed', 'unemployed'
        )
        and stage = 'observed'
        and perimeter = 'area'
        and period_kind = 'round'
        and date_trunc('month', period_start) = date_trunc('month', period_end)
),

figures as (
    select
        obs_id,
        indicator_id,
        region_code,
        series_version,
        breakdown,
        category,
        value,
        precision,
        standard_error,
        has_conflict,
        conflict_kind,
        is_headline,
        cast(date_trunc('month', period_start) as date) as survey_month_start
    from claims
)

select * from figures
