-- Grain: source_id. The catalogue's publishers and every single citation.
with sources as (
    select * from {{ ref("stg_ingest__sources") }}
),

datasets as (
    select * from {{ ref("stg_ingest__datasets") }}
),

snapshots as (
    select * from {{ ref("stg_ingest__snapshots") }}
),

claims as (
    select * from {{ ref("int_claims__known") }}
    where coalesce(correction_role, '') <> 'corrected'
),

citations as (
    select
        claims.source_id,
        min(claims.source_name) as name,
        min(claims.source_url) as url,
        -- Where one article carries figures of several tiers, the best one describes it.
        min(claims.provenance_rank) as provenance_rank,
        bool_or(claims.is_sample) as is_sample,
        cast(count(*) as integer) as n_claims
    from claims
    group by claims.source_id
),

-- A publisher whose figures are cited one by one carries none under its name;
-- one that was never asked has no snapshot, and no sample either.
publishers as (
    select
        datasets.source_id,
        bool_or(snapshots.is_sample) as is_sample
    from datasets
    inner join snapshots
        on datasets.dataset_id = snapshots.dataset_id
    group by datasets.source_id
),

tiers as (
    select * from {{ ref("provenance_tiers") }}
),

joined as (
    select
        coalesce(sources.source_id, citations.source_id) as source_id,
        coalesce(sources.name, citations.name) as name,
        coalesce(sources.url, citations.url) as url,
        coalesce(sources.kind, 'citation') as kind,
        coalesce(
            sources.provenance_tier, tiers.provenance_tier
        ) as provenance_tier,
        sources.licence,
        coalesce(sources.terms_known, false) as terms_known,
        coalesce(
            citations.is_sample, publishers.is_sample, false
        ) as is_sample,
        coalesce(citations.n_claims, 0) as n_claims
    from sources
    full outer join citations
        on sources.source_id = citations.source_id
    left join tiers
        on citations.provenance_rank = tiers.provenance_rank
    left join publishers
        on sources.source_id = publishers.source_id
)

select * from joined
