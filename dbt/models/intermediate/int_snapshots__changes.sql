-- Grain: fetch that brought another reply than the one before it in its partition, also one
-- that had stood there already: a snapshot is one row however often a source went back to it.
with fetches as (
    select * from {{ ref("stg_ingest__fetches") }}
    where is_kept
),

snapshots as (
    select * from {{ ref("stg_ingest__snapshots") }}
),

ordered as (
    select
        fetches.dataset_id,
        fetches.partition,
        fetches.snapshot_id,
        fetches.fetched_at,
        fetches.seen_on,
        lag(fetches.snapshot_id) over (
            partition by fetches.dataset_id, fetches.partition
            order by fetches.fetched_at
        ) as previous_snapshot_id
    from fetches
    -- Only what the build reads: live or bundled, never both.
    inner join snapshots
        on
            fetches.dataset_id = snapshots.dataset_id
            and fetches.partition = snapshots.partition
            and fetches.snapshot_id = snapshots.snapshot_id
            and fetches.is_sample = snapshots.is_sample
),

changes as (
    select * from ordered
    where previous_snapshot_id <> snapshot_id
)

select * from changes
