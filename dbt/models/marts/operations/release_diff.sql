-- Grain: one figure that is not as it was. Left empty here: which release it is compared with
-- is known only when the finished candidate is audited, and the audit fills it.
with release_diff as (
    select
        cast(null as string) as against_release_id,
        cast(null as string) as kind,
        cast(null as string) as dataset_id,
        cast(null as string) as indicator_id,
        cast(null as string) as region_code,
        cast(null as string) as period_label,
        cast(null as string) as period_start,
        cast(null as string) as period_end,
        cast(null as string) as stage,
        cast(null as string) as perimeter,
        cast(null as string) as baseline,
        cast(null as string) as breakdown,
        cast(null as string) as category,
        cast(null as decimal(28, 6)) as old_value,
        cast(null as decimal(28, 6)) as new_value,
        cast(null as string) as old_unit,
        cast(null as string) as new_unit,
        cast(null as string) as old_series_version,
        cast(null as string) as new_series_version,
        cast(null as string) as old_dataset_id,
        cast(null as bigint) as nth
    where false
)

select * from release_diff
