-- topic: transfers
-- id: Berapa transfer ke daerah (TKD) dipotong dari 2025 ke 2026?
-- en: By how much are transfers cut from 2025 to 2026?
-- note_id: >-
--   Potongan yang dihitung dari alokasi dan yang dilaporkan pejabat berdiri berdampingan; yang
--   utama ditandai.
-- note_en: >-
--   A cut computed from allocations and one that officials report stand side by side; the
--   leading one is marked.
select
    region_code,
    region_name,
    baseline,
    basis,
    is_headline,
    prior_amount_idr,
    amount_idr,
    cut_idr,
    cast(cut_pct as decimal(9, 2)) as cut_pct,
    reason
from marts.transfer_cuts
where
    fiscal_year = 2026
    and component = 'total'
    and region_code in (
        select place.region_code
        from marts.dim_region as place
        where
            place.region_code = '3600'
            or place.parent_region_code = '3600'
    )
order by region_code, is_headline desc, baseline, basis
