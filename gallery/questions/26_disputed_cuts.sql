-- topic: transfers
-- id: Daerah mana yang potongannya diperdebatkan, dan apa kata siapa?
-- en: Whose cut is disputed, and who says what?
select
    region_code,
    region_name,
    fiscal_year,
    amount_idr,
    claimant,
    claimed_at,
    relation,
    conflict_kind
from marts.transfer_claims
where has_conflict
order by region_code, fiscal_year, component, claimed_at, amount_idr, claimant
