-- Grain: scope x figure. Figures as published, with the value that a declared correction gives
-- them. Scope is one source, so that a document is held against itself, or the headlines of
-- all sources together.
with claims as (
    select * from {{ ref("observation_history") }}
    where
        is_current
        and value is not null
        and precision is not null
),

terms as (
    select distinct indicator_id from {{ ref("accounting_identity_terms") }}
),

corrected as (
    select * from claims
    where correction_role = 'corrected' and correction_kind = 'misprint'
),

as_published as (
    select
        claims.*,
        coalesce(corrected.value, claims.value) as corrected_value,
        -- The figure that leads by rule, or the misprint in whose place a correction leads.
        claims.is_figure_headline
        or coalesce(corrected.is_figure_headline, false) as is_leading
    from claims
    inner join terms
        on claims.indicator_id = terms.indicator_id
    left join corrected
        on
            claims.correction_id = corrected.correction_id
            and claims.correction_role = 'uncorrected'
    where
        not (
            coalesce(claims.correction_role, '') = 'corrected'
            and claims.correction_kind = 'misprint'
        )
        and not (
            coalesce(claims.correction_role, '') = 'uncorrected'
            and claims.correction_kind <> 'misprint'
        )
),

scoped as (
    select
        as_published.*,
        'one_source' as scope,
        source_id as scope_id
    from as_published
    union all
    select
        as_published.*,
        'headlines' as scope,
        'headlines' as scope_id
    from as_published
    where is_leading
),

ranked as (
    select
        scoped.*,
        row_number() over (
            partition by scope, scope_id, figure_id
            order by is_leading desc, known_at desc, obs_id
        ) as choice
    from scoped
)

select
    scope,
    scope_id,
    indicator_id,
    region_code,
    period_start,
    period_end,
    period_label,
    stage,
    perimeter,
    baseline,
    breakdown,
    category,
    series_version,
    value,
    corrected_value,
    precision,
    unit,
    source_id,
    correction_id,
    obs_id
from ranked
where choice = 1
