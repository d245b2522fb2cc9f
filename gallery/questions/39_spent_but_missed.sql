-- topic: budget
-- id: Program mana yang uangnya habis tetapi keluarannya tidak tercapai?
-- en: Which programmes spent their money and missed their output?
with outputs as (
    select
        target.region_code,
        target.period_label,
        target.category as programme_output,
        target.value as target_count,
        result.value as result_count
    from marts.observations as target
    inner join marts.observations as result
        on
            target.region_code = result.region_code
            and target.period_label = result.period_label
            and target.category = result.category
    where
        target.indicator_id = 'agency_programme_output'
        and target.stage = 'plan'
        and result.indicator_id = 'agency_programme_output'
        and result.stage in ('realised', 'realised_to_date')
),

money as (
    select
        planned.region_code,
        planned.period_label,
        planned.category as programme_output,
        cast(100 * spent.value / planned.value as decimal(9, 2))
            as absorption_pct
    from marts.observations as planned
    inner join marts.observations as spent
        on
            planned.region_code = spent.region_code
            and planned.period_label = spent.period_label
            and planned.category = spent.category
    where
        planned.indicator_id = 'agency_programme_budget'
        and planned.stage = 'enacted'
        and planned.value > 0
        and spent.indicator_id = 'agency_programme_budget'
        and spent.stage in ('realised', 'realised_to_date')
),

found as (
    select
        outputs.region_code,
        outputs.period_label,
        outputs.programme_output,
        money.absorption_pct,
        outputs.target_count,
        outputs.result_count
    from outputs
    inner join money
        on
            outputs.region_code = money.region_code
            and outputs.period_label = money.period_label
            and outputs.programme_output = money.programme_output
    where
        money.absorption_pct >= 90
        and outputs.result_count < outputs.target_count
)

select
    found.region_code,
    found.period_label,
    found.programme_output,
    found.absorption_pct,
    found.target_count,
    found.result_count,
    case
        when found.region_code is null
            then
                'Tidak ada: realisasi dan keluaran per program tidak terbit, '
                || 'atau tidak ada yang meleset; kantor dapat mengirimkannya '
                || 'dengan templat agency_programmes.'
    end as reason_id,
    case
        when found.region_code is null
            then
                'None: spending and output by programme are not published, '
                || 'or none missed; an office can send them with the '
                || 'template agency_programmes.'
    end as reason_en
from (select 1 as one) as always
left join found on always.one = 1
order by found.region_code, found.period_label, found.programme_output
