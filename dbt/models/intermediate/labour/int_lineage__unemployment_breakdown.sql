-- Grain: row x column x claim. What the figures of marts.unemployment_breakdown rest on.
with rates as (
    select
        *,
        concat_ws(
            '|',
            region_code,
            cast(extract(year from survey_month_start) as varchar),
            cast(extract(month from survey_month_start) as varchar),
            breakdown,
            category
        ) as row_key
    from {{ ref("int_labour__changes") }}
    where
        breakdown <> 'total'
        and is_headline
),

cells as (
    {%- for obs_id in ["obs_id", "second_obs_id"] %}
    select
        row_key,
        'unemployment_rate_pct' as column_name,
        {{ obs_id }} as obs_id
    from rates
    union all
    {%- endfor %}
    select
        row_key,
        'standard_error_pp' as column_name,
        obs_id
    from rates
    where standard_error is not null
    {%- for obs_id in [
        "obs_id", "second_obs_id", "year_before_obs_id",
        "year_before_second_obs_id"
    ] %}
    union all
    select
        row_key,
        'change_pp' as column_name,
        {{ obs_id }} as obs_id
    from rates
    where change_pp is not null
    {%- endfor %}
)

select
    'unemployment_breakdown' as mart,
    row_key,
    column_name,
    obs_id
from cells
where obs_id is not null
