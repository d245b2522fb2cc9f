-- topic: labour
-- id: Ronde mana yang terakhir memuat semua kabupaten/kota?
-- en: Which round is the last that covers every regency and city?
select
    parent_region_code,
    survey_year,
    survey_month,
    cast(max(n_ranked) as bigint) as n_reported,
    cast(max(n_expected) as bigint) as n_expected,
    max(n_ranked) = max(n_expected) as is_complete
from marts.unemployment
where parent_region_code = '3600' and is_for_ranking
group by parent_region_code, survey_year, survey_month
order by survey_year desc, survey_month desc
limit 3
