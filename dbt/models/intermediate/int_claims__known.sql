-- Grain: obs_id, one claim. Who says what about which key, and since when it is known.
with observations as (
    select * from {{ ref("int_claims__corrected") }}
),

vintages as (
    select * from {{ ref("int_snapshots__vintages") }}
),

provenance_tiers as (
    select * from {{ ref("provenance_tiers") }}
),

series_versions as (
    select * from {{ ref("series_versions") }}
),

-- Only places and days: windows over a claim's every column would take the most memory of all.
seen as (
    select
        observations.obs_id,
        observations.dataset_id,
        observations.snapshot_id,
        observations.locator,
        vintages.is_sample,
        row_number() over (
            partition by observations.obs_id
            order by
                vintages.is_latest desc,
                vintages.last_fetched_at desc,
                observations.snapshot_id,
                observations.locator,
                vintages.partition
        ) as sighting,
        min(vintages.first_seen_on) over (
            partition by observations.obs_id
        ) as first_seen_at,
        max(vintages.last_seen_on) over (
            partition by observations.obs_id
        ) as last_seen_at,
        bool_or(vintages.is_latest) over (
            partition by observations.obs_id
        ) as is_current,
        max(vintages.replaced_on) over (
            partition by observations.obs_id
        ) as replaced_at,
        -- The fetch that first brought the claim.
        min(vintages.first_fetched_at) over (
            partition by observations.obs_id
        ) as first_fetched_at,
        first_value(observations.snapshot_id) over (
            partition by observations.obs_id
            order by vintages.first_fetched_at, observations.snapshot_id
        ) as first_snapshot_id
    from observations
    inner join vintages
        on
            observations.dataset_id = vintages.dataset_id
            and observations.snapshot_id = vintages.snapshot_id
),

sighted as (
    select
        observations.*,
        seen.is_sample,
        seen.first_seen_at,
        seen.last_seen_at,
        seen.is_current,
        seen.replaced_at,
        seen.first_fetched_at,
        seen.first_snapshot_id,
        {{ hash_of(key_columns(), "observations.") }} as key_id,
        {{ hash_of(key_columns() + ["series_version"], "observations.") }}
            as figure_id,
        {{ hash_of(
            key_columns() + [
                "series_version", "source_id", "claimant", "published_at", "value",
            ],
            "observations."
        ) }} as claim_id,
        coalesce(observations.claimant, observations.source_name) as publisher
    from observations
    inner join seen
        on
            observations.obs_id = seen.obs_id
            and observations.dataset_id = seen.dataset_id
            and observations.snapshot_id = seen.snapshot_id
            and observations.locator = seen.locator
    where seen.sighting = 1
),

known as (
    select
        sighted.*,
        -- A misprint is known for one since it was declared; a wrong label of ours never
        -- was what the source said.
        case
            when
                sighted.correction_role = 'corrected'
                and sighted.correction_kind = 'misprint'
                then greatest(
                    coalesce(sighted.published_at, sighted.first_seen_at),
                    sighted.corrected_on
                )
            else coalesce(sighted.published_at, sighted.first_seen_at)
        end as known_at,
        case
            when
                sighted.correction_role = 'corrected'
                and sighted.correction_kind = 'misprint'
                then 'corrected'
            when sighted.published_at is null then 'first_seen'
            else 'published'
        end as known_at_basis,
        case
            when not sighted.is_current then sighted.replaced_at
        end as withdrawn_at,
        -- A printed zero stays zero, and is told from a figure that is not there.
        coalesce(sighted.value = 0 and not sighted.is_derived, false)
            as is_printed_zero,
        provenance_tiers.provenance_rank,
        -- An unnamed or unranked series is neither old nor new: it stands in the middle.
        coalesce(series_versions.series_rank, 50) as series_rank
    from sighted
    inner join provenance_tiers
        on sighted.provenance_tier = provenance_tiers.provenance_tier
    left join series_versions
        on sighted.series_version = series_versions.series_version
)

select * from known
