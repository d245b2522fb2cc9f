-- topic: transfers
-- id: Berapa rupiah TKD yang hilang per penduduk pada 2026?
-- en: How many rupiah of transfers does each resident lose in 2026?
select
    region_code,
    region_name,
    cut_idr,
    cut_per_capita_idr,
    denominator_year,
    basis,
    has_conflict
from marts.transfer_cuts
where
    fiscal_year = 2026
    and component = 'total'
    and is_headline
    and region_code <> '0000'
order by cut_per_capita_idr desc nulls last, region_code
