-- Grain: obs_id x place. Every claim as published and, beside it, as its declared correction
-- would have it. A corrected claim keeps the place, source and day of the one it corrects.
with observations as (
    select * from {{ ref("stg_ingest__observations") }}
),

corrections as (
    select * from {{ ref("stg_ingest__corrections") }}
    where status = 'applied'
),

-- The place names one copy of the claim; its identity finds it in every vintage.
targets as (
    select
        {{ published_hash("observations") }} as published_obs_id,
        corrections.correction_id,
        corrections.kind as correction_kind,
        corrections.reason_en as correction_reason,
        corrections.reported_on as corrected_on,
        {{ columns_of("corrections", set_columns()) | replace(", ", ",
        ") }}
    from corrections
    inner join observations
        on
            corrections.dataset_id = observations.dataset_id
            and corrections.snapshot_id = observations.snapshot_id
            and corrections.locator = observations.locator
),

-- Each declared claim is read once as published, which sets nothing, and once as corrected.
readings as (
    select
        published_obs_id,
        correction_id,
        correction_kind,
        correction_reason,
        corrected_on,
        case
            when correction_kind = 'doubt' then 'doubted' else 'uncorrected'
        end as correction_role,
        {{ unset_columns() | join(",
        ") }}
    from targets
    union all
    select
        published_obs_id,
        correction_id,
        correction_kind,
        correction_reason,
        corrected_on,
        'corrected' as correction_role,
        {{ set_columns() | join(",
        ") }}
    from targets
    where correction_kind in ('misprint', 'label')
),

identified as (
    select
        observations.*,
        {{ published_hash("observations") }} as published_obs_id
    from observations
),

every_claim as (
    select
        {{ columns_as_read("identified", "readings") | join(",
        ") }},
        readings.correction_id,
        readings.correction_kind,
        readings.correction_reason,
        readings.corrected_on,
        case
            when readings.correction_role = 'corrected'
                then md5(
                    concat_ws(
                        '|',
                        identified.published_obs_id,
                        readings.correction_id
                    )
                )
            else identified.published_obs_id
        end as obs_id,
        readings.correction_role
    from identified
    left join readings
        on identified.published_obs_id = readings.published_obs_id
)

select * from every_claim
