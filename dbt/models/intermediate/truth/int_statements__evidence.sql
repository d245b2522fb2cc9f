-- Grain: statement x term of its test x claim. What the warehouse holds about each figure that
-- a public statement rests on. Where only claims are to be had, all of them are evidence.
with terms as (
    select * from {{ ref("public_statement_terms") }}
),

claims as (
    select * from {{ ref("observation_history") }}
),

matched as (
    select
        terms.statement_id,
        terms.side,
        terms.indicator_id,
        terms.region_code,
        terms.period_label,
        claims.obs_id,
        claims.value,
        claims.precision,
        claims.standard_error,
        claims.stage,
        claims.series_version,
        claims.source_url,
        extract(month from claims.period_start) as period_month,
        row_number() over (
            partition by
                terms.statement_id,
                terms.side,
                terms.indicator_id,
                terms.region_code,
                terms.period_label
            order by
                claims.is_headline desc nulls last,
                case claims.perimeter
                    when 'component' then 2 when 'all_governments' then 1 else 0
                end,
                claims.is_figure_headline desc nulls last,
                claims.obs_id
        ) as choice
    from terms
    left join claims
        on
            terms.indicator_id = claims.indicator_id
            and terms.region_code = claims.region_code
            and terms.period_label = claims.period_label
            and terms.stage = claims.stage
            and terms.breakdown = claims.breakdown
            and terms.category = claims.category
            and coalesce(terms.baseline, '') = coalesce(claims.baseline, '')
            and {{ is_standing("claims") }}
)

select
    statement_id,
    side,
    indicator_id,
    region_code,
    period_label,
    obs_id,
    value,
    precision,
    standard_error,
    stage,
    series_version,
    source_url,
    period_month,
    choice
from matched
where choice = 1 or stage = 'reported_claim'
