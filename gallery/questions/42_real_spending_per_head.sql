-- topic: budget
-- id: Apakah belanja per penduduk naik setelah dikurangi inflasi?
-- en: Did spending per head rise after inflation?
with per_head as (
    select
        region_code,
        region_name,
        year,
        budget_per_capita_idr
    from marts.scorecard
    where
        budget_per_capita_idr is not null
        and (region_code = '3600' or parent_region_code = '3600')
),

changes as (
    select
        now.region_code,
        now.region_name,
        now.year,
        before.budget_per_capita_idr as before_idr,
        now.budget_per_capita_idr as now_idr,
        cast(now.budget_per_capita_idr as decimal(28, 6))
        / before.budget_per_capita_idr as growth,
        inflation.value as inflation_pct
    from per_head as now
    inner join per_head as before
        on
            now.region_code = before.region_code
            and now.year = before.year + 1
    left join marts.observations as inflation
        on
            now.region_code = inflation.region_code
            and inflation.indicator_id = 'inflation_year_on_year'
            and inflation.period_label
            = cast(now.year as varchar) || '-12'
            and inflation.breakdown = 'total'
)

select
    region_code,
    region_name,
    year,
    before_idr,
    now_idr,
    cast(100 * (growth - 1) as decimal(9, 2)) as nominal_change_pct,
    cast(inflation_pct as decimal(9, 2)) as inflation_pct,
    cast(
        100 * (growth / (1 + inflation_pct / 100) - 1) as decimal(9, 2)
    ) as real_change_pct,
    case
        when inflation_pct is null
            then 'inflasi Desember daerah itu tidak terbaca'
    end as reason_id,
    case
        when inflation_pct is null
            then 'no December inflation of the region was read'
    end as reason_en
from changes
order by region_code, year
