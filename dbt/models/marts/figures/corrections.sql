-- Grain: correction_id. Every declared correction with the two claims it stands between.
with corrections as (
    select * from {{ ref("stg_ingest__corrections") }}
),

claims as (
    select * from {{ ref("int_claims__known") }}
),

described as (
    select
        corrections.correction_id,
        corrections.kind,
        corrections.status,
        corrections.dataset_id,
        corrections.indicator_id,
        corrections.region_code,
        corrections.period_label,
        corrections.expected_text as published_text,
        nullif(concat_ws(
            '; ',
            'value: ' || corrections.set_value_text,
            'indicator: ' || corrections.set_indicator_id,
            'region: ' || corrections.set_region_code,
            'period: ' || corrections.set_period_label,
            'stage: ' || corrections.set_stage,
            'perimeter: ' || corrections.set_perimeter,
            'baseline: ' || corrections.set_baseline,
            'series version: ' || corrections.set_series_version,
            'precision: ' || cast(corrections.set_precision as string)
        ), '') as corrected_text,
        corrections.reason_id,
        corrections.reason_en,
        corrections.reported_by,
        corrections.reported_on,
        corrections.declared_in,
        published.obs_id as uncorrected_obs_id,
        corrected.obs_id as corrected_obs_id
    from corrections
    left join claims as published
        on
            corrections.correction_id = published.correction_id
            and published.correction_role in ('uncorrected', 'doubted')
    left join claims as corrected
        on
            corrections.correction_id = corrected.correction_id
            and corrected.correction_role = 'corrected'
)

select * from described
