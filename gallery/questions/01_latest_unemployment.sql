-- topic: labour
-- id: >-
--   Berapa tingkat pengangguran terbuka (TPT) terakhir di setiap daerah Banten, dan berapa batas
--   galatnya?
-- en: What is the latest unemployment rate of every region in Banten, and how sure is it?
with newest as (
    select
        region_code,
        region_name,
        survey_year,
        survey_month,
        unemployment_rate_pct,
        standard_error_pp,
        row_number() over (
            partition by region_code
            order by survey_year desc, survey_month desc
        ) as nth
    from marts.unemployment
    where
        is_headline
        and (region_code in ('0000', '3600') or parent_region_code = '3600')
)

select
    region_code,
    region_name,
    survey_year,
    survey_month,
    unemployment_rate_pct,
    cast(1.96 * standard_error_pp as decimal(9, 2)) as margin_pp,
    case
        when standard_error_pp is null
            then 'galat sampel tidak terbit'
    end as reason_id,
    case
        when standard_error_pp is null
            then 'no standard error is published'
    end as reason_en
from newest
where nth = 1
order by region_code
