-- Grain: obs_id x place. Every claim as published and, beside it, as its declared correction
-- would have it. A corrected claim keeps the place, source and day of the one it corrects.
with observations as (
    select * from {{ ref("stg_ingest__observations") }}
),

corrections as (
    select * from {{ ref("stg_ingest__corrections") }}
    where status = 'applied'
),

identified as (
    select
        observations.*,
        {{ hash_of(
            ["dataset_id"] + key_columns() + [
                "series_version", "source_id", "claimant", "published_at",
                "value_text", "unit",
            ]
        ) }} as published_obs_id
    from observations
),

-- The place names one copy of the claim; its identity finds it in every vintage.
targets as (
    select
        identified.published_obs_id,
        corrections.correction_id,
        corrections.kind as correction_kind,
        corrections.reason_en as correction_reason,
        corrections.reported_on as corrected_on,
        corrections.set_value,
        corrections.set_value_text,
        corrections.set_precision,
        corrections.set_indicator_id,
        corrections.set_region_code,
        corrections.set_period_start,
        corrections.set_period_end,
        corrections.set_period_label,
        corrections.set_stage,
        corrections.set_perimeter,
        corrections.set_baseline,
        corrections.set_series_version
    from corrections
    inner join identified
        on
            corrections.dataset_id = identified.dataset_id
            and corrections.snapshot_id = identified.snapshot_id
            and corrections.locator = identified.locator
),

as_published as (
    select
        {{ as_published_columns("identified", "targets") | join(", ") }},
        targets.correction_id,
        targets.correction_kind,
        targets.correction_reason,
        targets.corrected_on,
        identified.published_obs_id as obs_id,
        case
            when targets.correction_kind = 'doubt' then 'doubted'
            when targets.correction_id is not null then 'uncorrected'
        end as correction_role
    from identified
    left join targets
        on identified.published_obs_id = targets.published_obs_id
),

as_corrected as (
    select
        {{ as_corrected_columns("identified", "targets") | join(", ") }},
        targets.correction_id,
        targets.correction_kind,
        targets.correction_reason,
        targets.corrected_on,
        md5(
            concat_ws('|', identified.published_obs_id, targets.correction_id)
        ) as obs_id,
        'corrected' as correction_role
    from identified
    inner join targets
        on identified.published_obs_id = targets.published_obs_id
    where targets.correction_kind in ('misprint', 'label')
),

every_claim as (
    select * from as_published
    union all
    select * from as_corrected
)

select * from every_claim
