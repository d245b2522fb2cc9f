-- topic: labour
-- id: Apakah TPT mencapai target RPJMD?
-- en: Did unemployment meet the target of the five-year plan (RPJMD)?
with found as (
    select
        target.region_code,
        target.period_label,
        target.value as target_pct,
        result.value as result_pct
    from marts.observations as target
    left join marts.observations as result
        on
            target.region_code = result.region_code
            and target.indicator_id = result.indicator_id
            and target.period_label = substr(result.period_label, 1, 4)
            and result.stage = 'observed'
            and result.breakdown = 'total'
    where
        target.indicator_id = 'unemployment_rate'
        and target.stage = 'plan'
        and target.breakdown = 'total'
)

select
    found.region_code,
    found.period_label,
    found.target_pct,
    found.result_pct,
    case
        when found.region_code is null
            then 'Tidak ada target TPT dari RPJMD dalam angka yang dibaca.'
    end as reason_id,
    case
        when found.region_code is null
            then 'No unemployment target of a five-year plan was read.'
    end as reason_en
from (select 1 as one) as always
left join found on always.one = 1
order by found.region_code, found.period_label
