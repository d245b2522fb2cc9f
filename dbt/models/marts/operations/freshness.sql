-- Grain: dataset_id. How old each dataset is, and whether new figures are late.
with datasets as (
    select * from {{ ref("stg_ingest__datasets") }}
),

due_dates as (
    select * from {{ ref("stg_ingest__due_dates") }}
),

outcomes as (
    select
        fetch_outcomes.*,
        row_number() over (
            partition by dataset_id
            order by attempted_at desc, partition desc, outcome
        ) as recency
    from {{ ref("stg_ingest__fetch_outcomes") }} as fetch_outcomes
),

last_outcomes as (
    select
        dataset_id,
        outcome
    from outcomes
    where recency = 1
),

last_changes as (
    select
        dataset_id,
        max(last_fetched_at) as last_fetched_at,
        max(first_fetched_at) as last_changed_at
    from {{ ref("stg_ingest__snapshots") }}
    group by dataset_id
),

answered as (
    select
        dataset_id,
        max(attempted_at) as last_answered_at
    from outcomes
    where outcome in ('ok', 'unchanged', 'empty')
    group by dataset_id
),

freshness as (
    select
        datasets.dataset_id,
        coalesce(
            answered.last_answered_at, last_changes.last_fetched_at
        ) as last_fetched_at,
        last_changes.last_changed_at,
        due_dates.next_due_at,
        coalesce(
            due_dates.next_due_at < cast({{ build_time() }} as date), false
        ) as is_late,
        last_outcomes.outcome as last_outcome
    from datasets
    left join due_dates
        on datasets.dataset_id = due_dates.dataset_id
    left join last_outcomes
        on datasets.dataset_id = last_outcomes.dataset_id
    left join last_changes
        on datasets.dataset_id = last_changes.dataset_id
    left join answered
        on datasets.dataset_id = answered.dataset_id
)

select * from freshness
