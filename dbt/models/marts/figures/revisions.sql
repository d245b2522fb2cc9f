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

-- Replies that took the place of another, and those they took it of: mostly none.
turned as (
    select
        dataset_id,
        snapshot_id
    from {{ ref("int_snapshots__changes") }}
    union
    select
        dataset_id,
        previous_snapshot_id as snapshot_id
    from {{ ref("int_snapshots__changes") }}
),

-- Which of those replies carried which claim.
carried as (
    select distinct
        places.dataset_id,
        places.snapshot_id,
        claims.obs_id,
        claims.figure_id,
        claims.source_id,
        claims.publisher,
        claims.value,
        claims.withdrawn_at,
        claims.first_fetched_at
    from {{ ref("int_claims__corrected") }} as places
    inner join turned
        on
            places.dataset_id = turned.dataset_id
            and places.snapshot_id = turned.snapshot_id
    inner join claims
        on places.obs_id = claims.obs_id
),

-- The source went back to an earlier word, or left one that it went back to since. Only the
-- sequence of fetches tells; each such pair of words is one revision, that of the last time.
swung as (
    select
        older.obs_id as old_obs_id,
        newer.obs_id as new_obs_id,
        replies.seen_on as changed_at,
        'reissued' as kind,
        replies.snapshot_id as new_snapshot_id,
        replies.fetched_at,
        row_number() over (
            partition by older.obs_id, newer.obs_id
            order by replies.fetched_at desc
        ) as succession
    from {{ ref("int_snapshots__changes") }} as replies
    inner join carried as older
        on
            replies.dataset_id = older.dataset_id
            and replies.previous_snapshot_id = older.snapshot_id
    inner join carried as newer
        on
            replies.dataset_id = newer.dataset_id
            and replies.snapshot_id = newer.snapshot_id
            and older.figure_id = newer.figure_id
            and older.source_id = newer.source_id
            and older.publisher = newer.publisher
    -- A word that both replies carry did not change.
    left join carried as stayed
        on
            replies.dataset_id = stayed.dataset_id
            and replies.snapshot_id = stayed.snapshot_id
            and older.obs_id = stayed.obs_id
    left join carried as stood
        on
            replies.dataset_id = stood.dataset_id
            and replies.previous_snapshot_id = stood.snapshot_id
            and newer.obs_id = stood.obs_id
    where
        stayed.obs_id is null
        and stood.obs_id is null
        and older.value is distinct from newer.value
        and (
            older.withdrawn_at is null
            or newer.first_fetched_at < older.first_fetched_at
        )
),

changes as (
    select
        old_obs_id,
        new_obs_id,
        changed_at,
        kind,
        null as new_snapshot_id,
        null as fetched_at
    from republished
    where succession = 1
    union all
    select
        old_obs_id,
        new_obs_id,
        changed_at,
        kind,
        null as new_snapshot_id,
        null as fetched_at
    from reissued
    where succession = 1
    union all
    select
        old_obs_id,
        new_obs_id,
        changed_at,
        kind,
        new_snapshot_id,
        fetched_at
    from swung
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
        coalesce(changes.new_snapshot_id, newer.first_snapshot_id)
            as new_snapshot_id,
        coalesce(changes.fetched_at, newer.first_fetched_at) as fetched_at,
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
