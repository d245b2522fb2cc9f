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

identified as (
    select
        observations.*,
        {{ hash_of(key_columns()) }} as key_id,
        {{ hash_of(key_columns() + ["series_version"]) }} as figure_id,
        {{ hash_of(
            key_columns() + [
                "series_version", "source_id", "claimant", "published_at", "value",
            ]
        ) }} as claim_id,
        coalesce(claimant, source_name) as publisher
    from observations
),

sighted as (
    select
        identified.*,
        vintages.is_sample,
        row_number() over (
            partition by identified.obs_id
            order by
                vintages.is_latest desc,
                vintages.last_fetched_at desc,
                identified.snapshot_id,
                identified.locator,
                vintages.partition
        ) as sighting,
        min(vintages.first_seen_on) over (
            partition by identified.obs_id
        ) as first_seen_at,
        max(vintages.last_seen_on) over (
            partition by identified.obs_id
        ) as last_seen_at,
        bool_or(vintages.is_latest) over (
            partition by identified.obs_id
        ) as is_current,
        max(vintages.replaced_on) over (
            partition by identified.obs_id
        ) as replaced_at,
        -- The fetch that first brought the claim.
        min(vintages.first_fetched_at) over (
            partition by identified.obs_id
        ) as first_fetched_at,
        first_value(identified.snapshot_id) over (
            partition by identified.obs_id
            order by vintages.first_fetched_at, identified.snapshot_id
        ) as first_snapshot_id
    from identified
    inner join vintages
        on
            identified.dataset_id = vintages.dataset_id
            and identified.snapshot_id = vintages.snapshot_id
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
    where sighted.sighting = 1
)

select * from known
