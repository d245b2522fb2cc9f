-- Grain: one changed figure. A publisher's later word against its earlier one.
with claims as (
    -- What a declared correction replaced is no earlier word of the publisher's.
    select * from {{ ref("int_claims__known") }}
    where coalesce(correction_role, '') <> 'uncorrected'
),

republished as (
    select
        older.obs_id as old_obs_id,
        newer.obs_id as new_obs_id,
        newer.known_at as changed_at,
        'republished' as kind,
        row_number() over (
            partition by older.obs_id
            order by newer.published_at, newer.provenance_rank, newer.obs_id
        ) as succession
    from claims as older
    inner join claims as newer
        on {{ supersedes("newer", "older") }}
    where
        older.is_current
        and newer.is_current
),

-- The source itself changed: what stood in its reply is gone and another value stands there.
reissued as (
    select
        older.obs_id as old_obs_id,
        newer.obs_id as new_obs_id,
        older.withdrawn_at as changed_at,
        'reissued' as kind,
        row_number() over (
            partition by older.obs_id
            order by newer.first_fetched_at, newer.obs_id
        ) as succession
    from claims as older
    inner join claims as newer
        on
            older.dataset_id = newer.dataset_id
            and older.figure_id = newer.figure_id
            and older.source_id = newer.source_id
            and older.publisher = newer.publisher
            and older.withdrawn_at <= newer.first_seen_at
            and older.first_fetched_at < newer.first_fetched_at
            and older.claim_id <> newer.claim_id
    where older.value is distinct from newer.value
),

changes as (
    select * from republished
    where succession = 1
    union all
    select * from reissued
    where succession = 1
),

described as (
    select
        changes.old_obs_id,
        changes.new_obs_id,
        newer.indicator_id,
        newer.region_code,
        newer.period_label,
        newer.stage,
        newer.series_version,
        newer.publisher,
        older.value as old_value,
        newer.value as new_value,
        newer.unit,
        changes.changed_at,
        newer.first_snapshot_id as new_snapshot_id,
        newer.first_fetched_at as fetched_at,
        changes.kind,
        -- Two articles that carried the old word are one revision.
        row_number() over (
            partition by
                newer.figure_id,
                newer.publisher,
                older.value,
                newer.value,
                changes.changed_at
            order by changes.kind, changes.old_obs_id, changes.new_obs_id
        ) as copy_number
    from changes
    inner join claims as older
        on changes.old_obs_id = older.obs_id
    inner join claims as newer
        on changes.new_obs_id = newer.obs_id
),

revisions as (
    select
        {{ hash_of(["old_obs_id", "new_obs_id"]) }} as revision_id,
        old_obs_id,
        new_obs_id,
        indicator_id,
        region_code,
        period_label,
        stage,
        series_version,
        publisher,
        old_value,
        new_value,
        unit,
        changed_at,
        new_snapshot_id,
        fetched_at,
        kind
    from described
    where copy_number = 1
)

select * from revisions
