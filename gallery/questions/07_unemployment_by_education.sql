-- topic: labour
-- id: Apakah lulusan SMK yang paling banyak menganggur?
-- en: Are vocational school (SMK) leavers the most often unemployed?
with newest as (
    select
        region_code,
        region_name,
        survey_year,
        survey_month,
        category,
        unemployment_rate_pct,
        rank() over (
            partition by region_code
            order by survey_year desc, survey_month desc
        ) as nth
    from marts.unemployment_breakdown
    where breakdown = 'education'
)

select
    newest.region_code,
    newest.region_name,
    newest.survey_year,
    newest.survey_month,
    newest.category as education,
    newest.unemployment_rate_pct,
    newest.unemployment_rate_pct - everyone.unemployment_rate_pct
        as above_everyone_pp,
    rank() over (
        partition by newest.region_code
        order by newest.unemployment_rate_pct desc
    ) as place_among_published
from newest
left join marts.unemployment as everyone
    on
        newest.region_code = everyone.region_code
        and newest.survey_year = everyone.survey_year
        and newest.survey_month = everyone.survey_month
        and everyone.is_headline
where newest.nth = 1
order by
    newest.region_code, newest.unemployment_rate_pct desc, newest.category
