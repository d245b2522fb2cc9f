-- Grain: regency x round x series version. Its place among the regencies of its province:
-- 1 is the highest, ties share, and no place where a member is missing.
with peers as (
    select * from {{ ref("int_labour__peers") }}
),

counted as (
    select
        region_code,
        survey_month_start,
        series_version,
        cast(count(peer_rate_pct) as integer) as n_ranked,
        cast(count(*) as integer) as n_expected,
        cast(
            1 + count(
                case when peer_rate_pct > unemployment_rate_pct then 1 end
            ) as integer
        ) as place
    from peers
    group by region_code, survey_month_start, series_version
)

select
    region_code,
    survey_month_start,
    series_version,
    n_ranked,
    n_expected,
    case when n_ranked = n_expected then place end as rank_in_province
from counted
