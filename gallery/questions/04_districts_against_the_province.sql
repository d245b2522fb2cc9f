-- topic: labour
-- id: Kabupaten/kota mana yang jelas di atas atau di bawah Provinsi Banten?
-- en: Which regencies and cities lie clearly above or below the province?
with newest as (
    select
        region_code,
        region_name,
        survey_year,
        survey_month,
        unemployment_rate_pct,
        gap_to_province_pp,
        standard_error_pp,
        series_version,
        rank() over (order by survey_year desc, survey_month desc) as nth
    from marts.unemployment
    where parent_region_code = '3600' and is_for_ranking
),

tested as (
    select
        newest.*,
        cast(
            newest.gap_to_province_pp / sqrt(
                newest.standard_error_pp * newest.standard_error_pp
                + province.standard_error_pp * province.standard_error_pp
            ) as decimal(9, 2)
        ) as z
    from newest
    left join marts.unemployment as province
        on
            province.region_code = '3600'
            and province.is_headline
            and newest.survey_year = province.survey_year
            and newest.survey_month = province.survey_month
    where newest.nth = 1
)

select
    region_code,
    region_name,
    survey_year,
    survey_month,
    unemployment_rate_pct,
    gap_to_province_pp,
    z,
    case
        when z is null then 'tidak dinilai: galat sampel tidak terbit'
        when abs(z) < 1.96 then 'tidak jelas berbeda'
        when z > 0 then 'di atas provinsi'
        else 'di bawah provinsi'
    end as verdict_id,
    case
        when z is null then 'not judged: no standard error is published'
        when abs(z) < 1.96 then 'not clearly different'
        when z > 0 then 'above the province'
        else 'below the province'
    end as verdict_en
from tested
order by region_code
