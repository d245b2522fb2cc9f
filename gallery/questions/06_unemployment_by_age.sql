-- topic: labour
-- id: Berapa TPT menurut umur, terutama 15-24 tahun?
-- en: What is unemployment by age, above all at 15 to 24?
with newest as (
    select
        region_code,
        category,
        survey_year,
        survey_month,
        unemployment_rate_pct,
        rank() over (
            partition by region_code
            order by survey_year desc, survey_month desc
        ) as nth
    from marts.unemployment_breakdown
    where breakdown = 'age'
)

select
    place.region_code,
    place.name as region_name,
    newest.survey_year,
    newest.survey_month,
    newest.category as age_group,
    newest.unemployment_rate_pct,
    case
        when newest.region_code is null
            then 'TPT menurut umur tidak terbit untuk daerah ini'
    end as reason_id,
    case
        when newest.region_code is null
            then 'not published by age for this region'
    end as reason_en
from marts.dim_region as place
left join newest
    on place.region_code = newest.region_code and newest.nth = 1
where
    place.valid_to is null
    and (
        place.region_code in ('0000', '3600')
        or place.parent_region_code = '3600'
    )
order by place.region_code, newest.category
