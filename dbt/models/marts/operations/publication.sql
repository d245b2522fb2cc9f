-- Grain: one row. What this release is and how much stands in it.
with snapshots as (
    select * from {{ ref("stg_ingest__snapshots") }}
),

claims as (
    select count(*) as n from {{ ref("observation_history") }}
),

headlines as (
    select count(*) as n from {{ ref("observations") }}
),

rejects as (
    select count(*) as n from {{ ref("rejected") }}
),

inputs as (
    select
        count(distinct dataset_id) as n_datasets,
        count(distinct snapshot_id) as n_snapshots
    from snapshots
),

publication as (
    select
        {{ text_variable("release_id") }} as release_id,
        {{ build_time() }} as created_at,
        cast({{ said_of_release("is_sample") | lower }} as boolean)
            as is_sample,
        {{ text_variable("region_edition") }} as region_edition,
        cast(inputs.n_datasets as integer) as n_datasets,
        cast(inputs.n_snapshots as integer) as n_snapshots,
        cast(claims.n as integer) as n_claims,
        cast(headlines.n as integer) as n_observations,
        cast(rejects.n as integer) as n_rejected
    from inputs
    cross join claims
    cross join headlines
    cross join rejects
)

select * from publication
