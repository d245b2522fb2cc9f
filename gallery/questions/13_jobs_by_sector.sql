-- topic: labour
-- id: Berapa orang bekerja menurut lapangan usaha?
-- en: How many people work in which sector?
with found as (
    select
        region_code,
        period_label,
        category as sector,
        value as persons
    from marts.observations
    where
        indicator_id = 'employed'
        and breakdown in ('sector', 'industry')
        and value is not null
)

select
    found.region_code,
    found.period_label,
    found.sector,
    found.persons,
    case
        when found.region_code is null
            then
                'Jumlah pekerja menurut lapangan usaha tidak ada dalam '
                || 'angka yang dibaca; BPS menerbitkannya dalam tabel '
                || 'Sakernas.'
    end as reason_id,
    case
        when found.region_code is null
            then
                'No figures of work by sector were read; BPS publishes them'
                || ' in its Sakernas tables.'
    end as reason_en
from (select 1 as one) as always
left join found on always.one = 1
order by found.region_code, found.period_label, found.sector
