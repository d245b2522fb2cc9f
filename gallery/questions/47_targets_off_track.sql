-- topic: trust
-- id: Target mana yang meleset?
-- en: Which targets are missed?
-- note_id: >-
--   Hanya sasaran yang dinyatakan untuk daerah, periode, dan indikator yang sama dengan
--   hasilnya.
-- note_en: Only targets stated for the same region, period and indicator as a result.
select
    target.region_code,
    target.indicator_id,
    target.period_label,
    target.category,
    target.value as target_value,
    result.value as result_value,
    target.unit,
    case
        when what.direction = 'higher_is_better'
            then result.value >= target.value
        when what.direction = 'lower_is_better'
            then result.value <= target.value
    end as is_met
from marts.observations as target
inner join marts.observations as result
    on
        target.region_code = result.region_code
        and target.indicator_id = result.indicator_id
        and target.period_label = result.period_label
        and target.perimeter = result.perimeter
        and target.breakdown = result.breakdown
        and target.category = result.category
inner join marts.dim_indicator as what
    on target.indicator_id = what.indicator_id
where
    target.stage = 'plan'
    and what.direction <> 'neutral'
    and result.stage in ('realised', 'observed')
    and target.value is not null
    and result.value is not null
order by target.region_code, target.indicator_id, target.period_label
