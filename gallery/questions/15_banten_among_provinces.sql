-- topic: labour
-- id: Di urutan berapa Banten di antara provinsi?
-- en: Where does Banten stand among the provinces?
-- note_id: >-
--   Hanya provinsi yang angkanya terbaca pada ronde itu yang dihitung; urutan tanpa galat sampel
--   bukan bukti perbedaan.
-- note_en: >-
--   Only provinces read in that round are counted; a place without standard errors proves no
--   difference.
with placed as (
    select
        region_code,
        survey_year,
        survey_month,
        unemployment_rate_pct,
        rank() over (
            partition by survey_year, survey_month
            order by unemployment_rate_pct desc
        ) as place_from_highest,
        count(*) over (partition by survey_year, survey_month)
            as n_provinces_read
    from marts.unemployment
    where region_type = 'province' and is_headline
)

select
    placed.survey_year,
    placed.survey_month,
    placed.unemployment_rate_pct,
    placed.place_from_highest,
    placed.n_provinces_read,
    (
        select count(*)
        from marts.dim_region as province
        where
            province.type = 'province'
            and province.valid_to is null
            and (
                province.valid_from is null
                or province.valid_from
                <= make_date(placed.survey_year, placed.survey_month, 1)
            )
    ) as n_provinces
from placed
where placed.region_code = '3600' and placed.n_provinces_read > 1
order by placed.survey_year desc, placed.survey_month desc
