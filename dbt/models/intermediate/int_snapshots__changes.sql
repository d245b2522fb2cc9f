-- Grain: fetch x reply that it took the place of: that of the fetch before it in its partition,
-- also where either had stood there already, since a snapshot is one row however often a source
-- went back to it; and that of a partition which makes way, as where a source sends its windows
-- in halves for a while.
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
        bool_or(snapshots.retired_on is not null) over (
            partition by fetches.dataset_id, fetches.partition
        ) as makes_way,
        lag(fetches.snapshot_id) over (
            partition by fetches.dataset_id, fetches.partition
            order by fetches.fetched_at
        ) as previous_snapshot_id,
        lag(fetches.fetched_at) over (
            partition by fetches.dataset_id, fetches.partition
            order by fetches.fetched_at
        ) as previous_fetched_at,
        lead(fetches.fetched_at) over (
            partition by fetches.dataset_id, fetches.partition
            order by fetches.fetched_at
        ) as next_fetched_at
    from fetches
    -- Only what the build reads: live or bundled, never both.
    inner join snapshots
        on
            fetches.dataset_id = snapshots.dataset_id
            and fetches.partition = snapshots.partition
            and fetches.snapshot_id = snapshots.snapshot_id
            and fetches.is_sample = snapshots.is_sample
),

-- The partition was away while the other one was fetched, and one of the two is away today.
switched as (
    select
        newer.dataset_id,
        newer.partition,
        newer.snapshot_id,
        newer.fetched_at,
        newer.seen_on,
        older.snapshot_id as previous_snapshot_id
    from ordered as newer
    inner join ordered as older
        on
            newer.dataset_id = older.dataset_id
            and newer.partition <> older.partition
            and newer.fetched_at > older.fetched_at
            and (newer.makes_way or older.makes_way)
    where
        coalesce(older.next_fetched_at > newer.fetched_at, true)
        and coalesce(newer.previous_fetched_at < older.fetched_at, true)
),

changes as (
    select
        dataset_id,
        partition,
        snapshot_id,
        fetched_at,
        seen_on,
        previous_snapshot_id
    from ordered
    where previous_snapshot_id <> snapshot_id
    union all
    select
        dataset_id,
        partition,
        snapshot_id,
        fetched_at,
        seen_on,
        previous_snapshot_id
    from switched
    where previous_snapshot_id <> snapshot_id
)

select * from changes
