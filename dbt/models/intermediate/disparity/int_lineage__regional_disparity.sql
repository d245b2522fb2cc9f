-- Grain: row x column x claim. What the figures of marts.regional_disparity rest on: the
-- values of all members, and their weights.
{% set values = ["obs_id", "second_obs_id"] -%}
{% set weighted = values + ["persons_obs_id"] -%}
with disparities as (
    select * from {{ ref("regional_disparity") }}
),

measured as (
    select
        members.obs_id,
        members.second_obs_id,
        members.persons_obs_id,
        disparities.grouping_id,
        disparities.williamson_index,
        disparities.max_min_ratio,
        disparities.highest_value,
        {{ row_key([
            "members.indicator_id", "members.scope_id",
            "members.period_label", "members.series_version",
        ]) }} as row_key
    from {{ ref("int_disparity__members") }} as members
    inner join disparities
        on
            members.indicator_id = disparities.indicator_id
            and members.scope_id = disparities.scope_id
            and members.period_label = disparities.period_label
            and members.series_version = disparities.series_version
),

lineage as (
    {{ lineage_cells("regional_disparity", [
        ("measured", "williamson_index", weighted, "williamson_index is not null"),
        ("measured", "theil_index", weighted, "williamson_index is not null"),
        ("measured", "gini_index", weighted, "williamson_index is not null"),
        ("measured", "mean_value", weighted, "williamson_index is not null"),
        ("measured", "max_min_ratio", values, "max_min_ratio is not null"),
        ("measured", "highest_value", values, "highest_value is not null"),
        ("measured", "lowest_value", values, "highest_value is not null"),
        ("measured", "n_reported", values, "true"),
    ]) }}
)

select * from lineage
