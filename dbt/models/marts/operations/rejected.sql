-- Grain: one rejected item. What could not be read, and why.
with rejected as (
    select * from {{ ref("stg_ingest__rejected") }}
),

vintages as (
    select * from {{ ref("int_snapshots__vintages") }}
),

current_snapshots as (
    select
        dataset_id,
        snapshot_id,
        bool_or(is_latest) as is_current
    from vintages
    group by dataset_id, snapshot_id
),

-- One cell may break one rule twice: the copies are numbered, never merged.
numbered as (
    select
        rejected.*,
        row_number() over (
            partition by dataset_id, snapshot_id, locator, raw_value, rule
            order by message
        ) as copy_number
    from rejected
),

items as (
    select
        {{ hash_of(
            ["dataset_id", "snapshot_id", "locator", "raw_value", "rule", "copy_number"],
            prefix="numbered."
        ) }} as rejected_id,
        numbered.dataset_id,
        numbered.snapshot_id,
        numbered.locator,
        numbered.raw_value,
        numbered.rule,
        numbered.message,
        coalesce(current_snapshots.is_current, false) as is_current
    from numbered
    left join current_snapshots
        on
            numbered.dataset_id = current_snapshots.dataset_id
            and numbered.snapshot_id = current_snapshots.snapshot_id
)

select * from items
