-- Grain: one claim of a cut: who said which amount about whom, and when. The same amount
-- said by the same office on the same day is one claim, however many articles carry it.
with claims as (
    select * from {{ ref("int_claims__classified") }}
    where
        value is not null
        and unit = 'idr'
        and breakdown = 'total'
        and indicator_id like 'transfer_cut_%'
        and period_start is not null
),

named as (
    select
        claims.*,
        cast(extract(year from period_start) as integer) as fiscal_year,
        substr(indicator_id, 14) as component,
        coalesce(baseline, 'unclear') as stated_baseline
    from claims
),

told_once as (
    select
        named.*,
        row_number() over (
            partition by
                region_code,
                fiscal_year,
                component,
                stated_baseline,
                publisher,
                published_at,
                value
            order by provenance_rank, precision asc nulls last, obs_id
        ) as telling
    from named
)

select
    region_code,
    fiscal_year,
    component,
    stated_baseline as baseline,
    stage,
    perimeter,
    perimeter_note,
    value,
    precision,
    claimant,
    published_at,
    known_at,
    known_at_basis,
    provenance_tier,
    source_name,
    source_url,
    relation,
    is_headline,
    has_conflict,
    conflict_kind,
    obs_id
from told_once
where telling = 1
