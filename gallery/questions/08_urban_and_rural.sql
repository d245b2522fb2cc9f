-- topic: labour
-- id: Berapa TPT perkotaan dan perdesaan?
-- en: What is unemployment in towns and in the countryside?
with rounds as (
    select
        region_code,
        region_name,
        survey_year,
        survey_month,
        max(case when category = 'urban' then unemployment_rate_pct end)
            as urban_pct,
        max(case when category = 'rural' then unemployment_rate_pct end)
            as rural_pct
    from marts.unemployment_breakdown
    where breakdown = 'urban_rural'
    group by region_code, region_name, survey_year, survey_month
)

select
    region_code,
    region_name,
    survey_year,
    survey_month,
    urban_pct,
    rural_pct,
    urban_pct - rural_pct as gap_pp
from rounds
order by region_code, survey_year, survey_month
