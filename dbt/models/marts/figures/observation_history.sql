-- Grain: obs_id. Every claim that was ever read, with the days it was seen.
with known as (
    select * from {{ ref("int_claims__known") }}
),

classified as (
    select * from {{ ref("int_claims__classified") }}
),

history as (
    select
        {{ claim_columns("known", "classified") | join(",
        ") }},
        known.correction_kind,
        known.correction_role,
        known.corrected_on,
        known.claim_id,
        known.publisher,
        cast(known.provenance_rank as integer) as provenance_rank,
        cast(known.series_rank as integer) as series_rank,
        known.first_seen_at,
        known.last_seen_at,
        known.withdrawn_at,
        known.is_current,
        case
            when classified.relation is not null then classified.relation
            when known.is_current then 'corrected'
            else 'withdrawn'
        end as relation,
        coalesce(classified.is_figure_headline, false) as is_figure_headline,
        coalesce(classified.is_headline, false) as is_headline
    from known
    left join classified
        on known.obs_id = classified.obs_id
)

select * from history
