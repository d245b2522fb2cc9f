-- topic: transfers
-- id: Di mana selisih antarklaim paling lebar?
-- en: Where are the claims furthest apart?
select
    region_code,
    region_name,
    fiscal_year,
    component,
    count(*) as n_claims,
    min(amount_idr) as lowest_idr,
    max(amount_idr) as highest_idr,
    max(amount_idr) - min(amount_idr) as gap_idr,
    cast(
        100 * (max(amount_idr) - min(amount_idr))
        / cast(min(amount_idr) as decimal(28, 6)) as decimal(9, 2)
    ) as gap_pct
from marts.transfer_claims
group by region_code, region_name, fiscal_year, component
having min(amount_idr) < max(amount_idr)
order by gap_idr desc, region_code
