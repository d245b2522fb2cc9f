-- Grain: check_id. Published sums and rates that do not close, and by how much.
with checked as (
    select * from {{ ref("int_identities__checked") }}
    where not closes
),

identities as (
    select * from {{ ref("accounting_identities") }}
),

declared as (
    select * from {{ ref("known_contradictions") }}
),

regions as (
    select * from {{ ref("dim_region") }}
),

described as (
    select
        checked.check_id,
        checked.identity_id,
        identities.name_id as identity_name_id,
        identities.name_en as identity_name_en,
        checked.region_code,
        regions.name as region_name,
        checked.period_label,
        checked.stage,
        checked.perimeter,
        checked.series_version,
        checked.scope,
        checked.stated_value,
        checked.computed_value,
        checked.residual,
        checked.tolerance,
        checked.unit,
        checked.n_sources,
        checked.correction_id,
        checked.closes_after_correction,
        declared.identity_id is not null as is_declared,
        declared.reason_id,
        declared.reason_en,
        checked.evidence_obs_ids
    from checked
    inner join identities
        on checked.identity_id = identities.identity_id
    inner join regions
        on checked.region_code = regions.region_code
    left join declared
        on
            checked.identity_id = declared.identity_id
            and checked.region_code = declared.region_code
            and checked.period_label = declared.period_label
            and checked.stage = declared.stage
)

select * from described
