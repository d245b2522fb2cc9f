-- topic: labour
-- id: TPT mana yang diperbaiki setelah terbit?
-- en: Which unemployment rates were restated after they came out?
select
    first.region_code,
    first.region_name,
    first.survey_year,
    first.survey_month,
    first.unemployment_rate_pct as first_release_pct,
    later.unemployment_rate_pct as restated_pct,
    later.series_version
from marts.unemployment as first
inner join marts.unemployment as later
    on
        first.region_code = later.region_code
        and first.survey_year = later.survey_year
        and first.survey_month = later.survey_month
        and first.unemployment_rate_pct <> later.unemployment_rate_pct
        and later.series_version <> 'first_release'
        and later.series_version <> ''
where first.series_version = 'first_release'
order by first.region_code, first.survey_year, first.survey_month
