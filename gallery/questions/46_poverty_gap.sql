-- topic: disparity
-- id: Seberapa dalam kemiskinan di setiap kabupaten/kota?
-- en: How deep is poverty in every regency and city?
-- note_id: Indeks kedalaman kemiskinan (P1); angka terakhir yang terbaca.
-- note_en: The poverty gap index (P1); the latest figure read.
with newest as (
    select
        region_code,
        period_label,
        value,
        row_number() over (
            partition by region_code order by period_label desc
        ) as nth
    from marts.observations
    where
        indicator_id = 'poverty_gap_index'
        and breakdown = 'total'
        and value is not null
)

select
    newest.region_code,
    place.name as region_name,
    newest.period_label,
    cast(newest.value as decimal(9, 3)) as poverty_gap_index
from newest
inner join marts.dim_region as place
    on newest.region_code = place.region_code and place.valid_to is null
where newest.nth = 1 and place.parent_region_code = '3600'
order by newest.value desc, newest.region_code
