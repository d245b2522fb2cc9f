-- topic: budget
-- id: Berapa persen anggaran yang sudah dibelanjakan pada suatu tanggal?
-- en: What share of the budget was spent by which day?
-- note_id: Serapan bukan hasil. Triwulan penuh jarang terbit; tanggalnya seperti dilaporkan.
-- note_en: Spending is no result. Whole quarters are rarely published; the days are as reported.
select
    region_code,
    region_name,
    fiscal_year,
    as_of_date,
    realised_idr,
    compared_budget_idr,
    compared_stage,
    cast(absorption_pct as decimal(9, 2)) as absorption_pct,
    absorption_reason
from marts.budget
where
    account_code = '5'
    and realised_idr is not null
    and region_code in (
        select place.region_code
        from marts.dim_region as place
        where
            place.region_code = '3600'
            or place.parent_region_code = '3600'
    )
order by region_code, fiscal_year, as_of_date
