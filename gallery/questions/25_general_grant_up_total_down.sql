-- topic: transfers
-- id: Di mana DAU naik sementara seluruh TKD turun?
-- en: Where does the general grant (DAU) rise while all transfers fall?
select
    dau.region_code,
    dau.region_name,
    dau.fiscal_year,
    -dau.cut_idr as dau_rise_idr,
    total.cut_idr as total_cut_idr,
    dau.reason as caveat,
    total.basis as total_basis
from marts.transfer_cuts as dau
inner join marts.transfer_cuts as total
    on
        dau.region_code = total.region_code
        and dau.fiscal_year = total.fiscal_year
where
    dau.component = 'dau'
    and dau.basis = 'allocations'
    and dau.cut_idr < 0
    and total.component = 'total'
    and total.is_headline
    and total.cut_idr > 0
    and dau.fiscal_year >= 2025
order by dau.region_code, dau.fiscal_year
