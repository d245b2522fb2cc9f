-- topic: transfers
-- id: Di mana rincian tidak sama dengan jumlahnya?
-- en: Where do the parts not add up to the total?
select
    region_code,
    region_name,
    period_label,
    identity_name_id,
    identity_name_en,
    stated_value,
    computed_value,
    residual,
    unit,
    reason_id,
    reason_en
from marts.contradictions
order by abs(residual) desc, check_id
