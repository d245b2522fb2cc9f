-- Grain: snapshot x partition. When each was seen, and when another took its place, or when
-- its source, asked for everything, had that partition no more.
with snapshots as (
    select * from {{ ref("stg_ingest__snapshots") }}
),

ordered as (
    select
        snapshots.*,
        row_number() over (
            partition by dataset_id, partition
            order by last_fetched_at desc, first_fetched_at desc, snapshot_id
        ) as age_rank,
        lead(seen_on) over (
            partition by dataset_id, partition
            order by first_fetched_at, snapshot_id
        ) as next_seen_on,
        max(cast(last_fetched_at as date)) over (
            partition by dataset_id, partition
        ) as partition_last_fetched_on
    from snapshots
),

vintages as (
    select
        dataset_id,
        snapshot_id,
        partition,
        is_sample,
        first_fetched_at,
        last_fetched_at,
        seen_on as first_seen_on,
        -- Bundled figures are as old as their collection, whenever they are read again.
        case
            when is_sample then seen_on
            else greatest(seen_on, cast(last_fetched_at as date))
        end as last_seen_on,
        age_rank = 1 and retired_on is null as is_latest,
        -- A reply that came back after another one has no successor by first sight.
        case
            when age_rank > 1
                then coalesce(next_seen_on, partition_last_fetched_on)
            else retired_on
        end as replaced_on
    from ordered
)

select * from vintages
