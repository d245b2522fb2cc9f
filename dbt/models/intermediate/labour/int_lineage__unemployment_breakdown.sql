-- Grain: row x column x claim. What the figures of marts.unemployment_breakdown rest on.
{% set own = ["obs_id", "second_obs_id"] -%}
{% set year_before = ["year_before_obs_id", "year_before_second_obs_id"] -%}
with rates as (
    select
        *,
        {{ round_key(["breakdown", "category"]) }} as row_key
    from {{ ref("int_labour__changes") }}
    where
        breakdown <> 'total'
        and is_headline
),

lineage as (
    {{ lineage_cells("unemployment_breakdown", [
        ("rates", "unemployment_rate_pct", own, "true"),
        ("rates", "change_pp", own + year_before, "change_pp is not null"),
        ("rates", "standard_error_pp", own, "standard_error is not null"),
    ]) }}
)

select * from lineage
