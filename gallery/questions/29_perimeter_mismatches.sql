-- topic: transfers
-- id: Klaim potongan mana yang cakupannya berbeda atau tidak jelas?
-- en: Which claims about cuts cover something else, or do not say what?
select
    region_code,
    region_name,
    fiscal_year,
    component,
    perimeter,
    perimeter_note,
    baseline,
    amount_idr,
    claimant
from marts.transfer_claims
where perimeter_note is not null or perimeter <> 'own_government'
order by region_code, fiscal_year, component, amount_idr, claimant
