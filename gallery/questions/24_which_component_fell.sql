-- topic: transfers
-- id: Komponen transfer mana yang turun paling banyak pada 2026?
-- en: Which component of the transfers falls most in 2026?
select
    region_code,
    region_name,
    component,
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
    and component <> 'total'
    and cut_idr is not null
order by region_code, cut_idr desc, component, baseline
