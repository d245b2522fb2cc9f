-- Grain: row x column x claim. What the figures of marts.unemployment rest on.
{% set key = ["region_code", "survey_month_start", "series_version"] %}
with rates as (
    select
        *,
        concat_ws(
            '|',
            region_code,
            cast(extract(year from survey_month_start) as varchar),
            cast(extract(month from survey_month_start) as varchar),
            series_version
        ) as row_key
    from {{ ref("int_labour__changes") }}
    where breakdown = 'total'
),

levels as (
    select
        rates.row_key,
        levels.*
    from {{ ref("int_labour__levels") }} as levels
    inner join rates using ({{ key | join(", ") }})
),

benchmarks as (
    select
        rates.row_key,
        benchmarks.*
    from {{ ref("int_labour__benchmarks") }} as benchmarks
    inner join rates using ({{ key | join(", ") }})
),

peers as (
    select
        rates.row_key,
        peers.*
    from {{ ref("int_labour__peers") }} as peers
    inner join rates using ({{ key | join(", ") }})
),

ranks as (
    select
        rates.row_key,
        ranks.*
    from {{ ref("int_labour__ranks") }} as ranks
    inner join rates using ({{ key | join(", ") }})
),

cells as (
    {%- for column, condition in [
        ("unemployment_rate_pct", "true"),
        ("change_pp", "change_pp is not null"),
        ("standard_error_pp", "standard_error is not null"),
    ] %}
    {%- for obs_id in ["obs_id", "second_obs_id"] %}
    select
        row_key,
        '{{ column }}' as column_name,
        {{ obs_id }} as obs_id
    from rates
    where {{ condition }}
    union all
    {%- endfor %}
    {%- endfor %}
    {%- for obs_id in ["year_before_obs_id", "year_before_second_obs_id"] %}
    select
        row_key,
        'change_pp' as column_name,
        {{ obs_id }} as obs_id
    from rates
    where change_pp is not null
    union all
    {%- endfor %}
    {%- for column, indicator in [
        ("labour_force_persons", "labour_force"),
        ("employed_persons", "employed"),
        ("unemployed_persons", "unemployed"),
        ("participation_rate_pct", "participation_rate"),
    ] %}
    select
        row_key,
        '{{ column }}' as column_name,
        {{ indicator }}_obs_id as obs_id
    from levels
    union all
    {%- endfor %}
    {%- for obs_id in ["target_obs_id", "target_second_obs_id"] %}
    select
        row_key,
        case level
            when 'province' then 'gap_to_province_pp' else 'gap_to_national_pp'
        end as column_name,
        {{ obs_id }} as obs_id
    from benchmarks
    union all
    {%- endfor %}
    {%- for obs_id in ["obs_id", "second_obs_id"] %}
    select
        benchmarks.row_key,
        case benchmarks.level
            when 'province' then 'gap_to_province_pp' else 'gap_to_national_pp'
        end as column_name,
        rates.{{ obs_id }} as obs_id
    from benchmarks
    inner join rates
        on benchmarks.row_key = rates.row_key
    union all
    {%- endfor %}
    {%- for obs_id in ["peer_obs_id", "peer_second_obs_id"] %}
    select
        row_key,
        'n_ranked' as column_name,
        {{ obs_id }} as obs_id
    from peers
    union all
    select
        peers.row_key,
        'rank_in_province' as column_name,
        peers.{{ obs_id }} as obs_id
    from peers
    inner join ranks
        on peers.row_key = ranks.row_key
    where ranks.rank_in_province is not null
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select
    'unemployment' as mart,
    row_key,
    column_name,
    obs_id
from cells
where obs_id is not null
