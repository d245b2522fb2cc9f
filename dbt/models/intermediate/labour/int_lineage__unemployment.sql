-- Grain: row x column x claim. What the figures of marts.unemployment rest on.
{% set own = ["obs_id", "second_obs_id"] -%}
{% set year_before = ["year_before_obs_id", "year_before_second_obs_id"] -%}
{% set target = ["target_obs_id", "target_second_obs_id"] -%}
{% set peer = ["peer_obs_id", "peer_second_obs_id"] -%}
with rates as (
    select
        *,
        {{ round_key(["series_version"]) }} as row_key
    from {{ ref("int_labour__changes") }}
    where breakdown = 'total'
),

levels as (
    select
        *,
        {{ round_key(["series_version"]) }} as row_key
    from {{ ref("int_labour__levels") }}
),

benchmarks as (
    select
        *,
        {{ round_key(["series_version"]) }} as row_key
    from {{ ref("int_labour__benchmarks") }}
),

peers as (
    select
        *,
        {{ round_key(["series_version"]) }} as row_key,
        bool_and(peer_rate_pct is not null) over (
            partition by region_code, survey_month_start, series_version
        ) as is_complete
    from {{ ref("int_labour__peers") }}
),

-- A place in the country rests on every regency's figure of the round: 514 times 514 lines a
-- round. The own one is listed; the others are the rows of this mart in the same round.
placed as (
    select
        rates.*,
        country_ranks.rank_in_country
    from rates
    inner join {{ ref("int_labour__country_ranks") }} as country_ranks
        on
            rates.region_code = country_ranks.region_code
            and rates.survey_month_start = country_ranks.survey_month_start
            and rates.weights_group = country_ranks.weights_group
            and rates.unemployment_rate_pct
            = country_ranks.unemployment_rate_pct
),

lineage as (
    {{ lineage_cells("unemployment", [
        ("rates", "unemployment_rate_pct", own, "true"),
        ("rates", "change_pp", own + year_before, "change_pp is not null"),
        ("rates", "standard_error_pp", own, "standard_error is not null"),
        ("levels", "labour_force_persons", ["labour_force_obs_id"], "true"),
        ("levels", "employed_persons", ["employed_obs_id"], "true"),
        ("levels", "unemployed_persons", ["unemployed_obs_id"], "true"),
        ("levels", "participation_rate_pct", ["participation_rate_obs_id"], "true"),
        ("benchmarks", "gap_to_province_pp", own + target, "level = 'province'"),
        ("benchmarks", "gap_to_national_pp", own + target, "level = 'country'"),
        ("peers", "n_ranked", peer, "true"),
        ("peers", "rank_in_province", peer, "is_complete"),
        ("placed", "n_ranked_in_country", own, "true"),
        ("placed", "rank_in_country", own, "rank_in_country is not null"),
    ]) }}
)

select * from lineage
