-- topic: labour
-- id: Bagaimana TPT Banten dari Agustus ke Agustus?
-- en: How did unemployment in Banten move from August to August?
select
    survey_year,
    unemployment_rate_pct,
    change_pp,
    series_version,
    case
        when change_pp is null
            then 'tidak ada ronde setahun sebelumnya dalam deret yang sama'
    end as reason_id,
    case
        when change_pp is null
            then 'no round a year earlier in the same series'
    end as reason_en
from marts.unemployment
where region_code = '3600' and survey_month = 8 and is_headline
order by survey_year
