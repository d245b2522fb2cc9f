-- topic: transfers
-- id: Berapa persen pendapatan daerah yang hilang karena potongan 2026?
-- en: What share of its revenue does each government lose by the cut of 2026?
select
    region_code,
    region_name,
    cut_idr,
    cast(share_of_revenue_pct as decimal(9, 2)) as share_of_revenue_pct,
    case share_of_revenue_reason
        when 'no_enacted_revenue_prior_year'
            then 'pendapatan 2025 yang ditetapkan tidak diketahui'
        when 'no_cut_known' then 'potongan tidak diketahui'
    end as reason_id,
    case share_of_revenue_reason
        when 'no_enacted_revenue_prior_year'
            then 'enacted revenue of 2025 is not known'
        when 'no_cut_known' then 'no cut is known'
    end as reason_en
from marts.transfer_cuts
where
    fiscal_year = 2026
    and component = 'total'
    and is_headline
    and region_code <> '0000'
order by share_of_revenue_pct desc nulls last, region_code
