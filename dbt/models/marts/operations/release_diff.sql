-- Grain: one figure that is not as it was. Left empty here: which release it is compared with
-- is known only when the finished candidate is audited, and the audit fills it.
with release_diff as (
    select
        cast(null as varchar) as against_release_id,
        cast(null as varchar) as kind,
        cast(null as varchar) as dataset_id,
        cast(null as varchar) as indicator_id,
        cast(null as varchar) as region_code,
        cast(null as varchar) as period_label,
        cast(null as varchar) as period_start,
        cast(null as varchar) as period_end,
        cast(null as varchar) as stage,
        cast(null as varchar) as perimeter,
        cast(null as varchar) as baseline,
        cast(null as varchar) as breakdown,
        cast(null as varchar) as category,
        cast(null as decimal(28, 6)) as old_value,
        cast(null as decimal(28, 6)) as new_value,
        cast(null as varchar) as old_unit,
        cast(null as varchar) as new_unit,
        cast(null as varchar) as old_series_version,
        cast(null as varchar) as new_series_version,
        cast(null as varchar) as old_dataset_id,
        cast(null as bigint) as nth
    where false
)

select * from release_diff
