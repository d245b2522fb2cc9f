-- Grain: regency's row of int_labour__changes (totals) x regency of the same province, itself
-- included. The peer's rate on the same weights in the same round; NULL where it has none.
with rates as (
    select * from {{ ref("int_labour__changes") }}
    where breakdown = 'total'
),

regencies as (
    select * from {{ ref("dim_region") }}
    where type in ('kabupaten', 'kota')
),

members as (
    select
        rates.region_code,
        rates.survey_month_start,
        rates.series_version,
        rates.weights_group,
        rates.unemployment_rate_pct,
        peers.region_code as peer_region_code
    from rates
    inner join regencies
        on rates.region_code = regencies.region_code
    inner join regencies as peers
        on regencies.parent_region_code = peers.parent_region_code
    where
        (
            peers.valid_from is null
            or peers.valid_from <= rates.survey_month_start
        )
        and (
            peers.valid_to is null
            or peers.valid_to > rates.survey_month_start
        )
),

matched as (
    select
        members.*,
        peer_rates.unemployment_rate_pct as peer_rate_pct,
        peer_rates.obs_id as peer_obs_id,
        peer_rates.second_obs_id as peer_second_obs_id,
        row_number() over (
            partition by
                members.region_code,
                members.survey_month_start,
                members.series_version,
                members.peer_region_code
            order by
                peer_rates.series_version = members.series_version
                desc nulls last,
                peer_rates.is_headline desc nulls last,
                peer_rates.series_version asc
        ) as choice
    from members
    left join rates as peer_rates
        on
            members.peer_region_code = peer_rates.region_code
            and members.survey_month_start = peer_rates.survey_month_start
            and members.weights_group = peer_rates.weights_group
)

select
    region_code,
    survey_month_start,
    series_version,
    unemployment_rate_pct,
    peer_region_code,
    peer_rate_pct,
    peer_obs_id,
    peer_second_obs_id
from matched
where choice = 1
