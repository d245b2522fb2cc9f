-- topic: labour
-- id: Berapa TPT perempuan dan laki-laki?
-- en: What is the unemployment rate of women and of men?
with rounds as (
    select
        region_code,
        region_name,
        survey_year,
        survey_month,
        max(case when category = 'female' then unemployment_rate_pct end)
            as female_pct,
        max(case when category = 'male' then unemployment_rate_pct end)
            as male_pct,
        row_number() over (
            partition by region_code
            order by survey_year desc, survey_month desc
        ) as nth
    from marts.unemployment_breakdown
    where breakdown = 'sex'
    group by region_code, region_name, survey_year, survey_month
)

select
    region_code,
    region_name,
    survey_year,
    survey_month,
    female_pct,
    male_pct,
    female_pct - male_pct as gap_pp,
    case
        when female_pct is null or male_pct is null
            then 'hanya satu jenis kelamin yang terbit'
    end as reason_id,
    case
        when female_pct is null or male_pct is null
            then 'only one sex is published'
    end as reason_en
from rounds
where nth = 1
order by region_code
