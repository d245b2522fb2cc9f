-- topic: labour
-- id: Di mana tingkat partisipasi angkatan kerja (TPAK) melompat paling jauh dalam setahun?
-- en: Where did labour-force participation jump furthest within a year?
select
    now.region_code,
    now.region_name,
    now.survey_year,
    now.survey_month,
    before.participation_rate_pct as participation_before_pct,
    now.participation_rate_pct,
    now.participation_rate_pct - before.participation_rate_pct
        as participation_change_pp,
    now.change_pp as unemployment_change_pp
from marts.unemployment as now
inner join marts.unemployment as before
    on
        now.region_code = before.region_code
        and now.survey_year = before.survey_year + 1
        and now.survey_month = before.survey_month
        and now.series_version = before.series_version
        and now.levels_series_version = before.levels_series_version
where
    now.is_headline
    and now.parent_region_code = '3600'
    and now.participation_rate_pct is not null
    and before.participation_rate_pct is not null
order by
    abs(now.participation_rate_pct - before.participation_rate_pct) desc,
    now.region_code, now.survey_year
limit 10
