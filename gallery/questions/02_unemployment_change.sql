-- topic: labour
-- id: Apakah TPT berubah dalam dua belas bulan, atau selisihnya masih dalam galat sampel?
-- en: Did unemployment change over twelve months, or is the difference within sampling error?
with changes as (
    select
        now.region_code,
        now.region_name,
        now.survey_year,
        now.survey_month,
        now.unemployment_rate_pct,
        now.change_pp,
        cast(
            now.change_pp / sqrt(
                now.standard_error_pp * now.standard_error_pp
                + before.standard_error_pp * before.standard_error_pp
            ) as decimal(9, 2)
        ) as z,
        row_number() over (
            partition by now.region_code
            order by now.survey_year desc, now.survey_month desc
        ) as nth
    from marts.unemployment as now
    left join marts.unemployment as before
        on
            now.region_code = before.region_code
            and now.survey_year = before.survey_year + 1
            and now.survey_month = before.survey_month
            and now.series_version = before.series_version
    where
        now.is_headline
        and now.change_pp is not null
        and (
            now.region_code in ('0000', '3600')
            or now.parent_region_code = '3600'
        )
)

select
    region_code,
    region_name,
    survey_year,
    survey_month,
    unemployment_rate_pct,
    change_pp,
    z,
    case
        when z is null then 'tercatat; galat sampel tidak terbit'
        when z >= 1.96 then 'naik'
        when z <= -1.96 then 'turun'
        else 'tidak ada bukti perubahan yang jelas'
    end as verdict_id,
    case
        when z is null then 'recorded; no standard error is published'
        when z >= 1.96 then 'up'
        when z <= -1.96 then 'down'
        else 'no clear change'
    end as verdict_en
from changes
where nth = 1
order by region_code
