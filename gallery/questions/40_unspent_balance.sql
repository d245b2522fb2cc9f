-- topic: budget
-- id: Berapa sisa lebih anggaran (SiLPA)?
-- en: How large is the balance left at the end of the year (SiLPA)?
select
    left_over.region_code,
    place.name as region_name,
    left_over.period_label as fiscal_year,
    left_over.stage,
    cast(left_over.value as bigint) as unspent_balance_idr,
    cast(
        100 * left_over.value / spending.budget_idr as decimal(9, 2)
    ) as share_of_expenditure_pct,
    case
        when spending.budget_idr is null
            then 'belanja tahun itu yang ditetapkan tidak diketahui'
    end as reason_id,
    case
        when spending.budget_idr is null
            then 'enacted expenditure of that year is not known'
    end as reason_en
from marts.observations as left_over
inner join marts.dim_region as place
    on left_over.region_code = place.region_code and place.valid_to is null
left join marts.budget as spending
    on
        left_over.region_code = spending.region_code
        and left_over.period_label = cast(spending.fiscal_year as varchar)
        and spending.account_code = '5'
        and spending.stage = 'enacted'
        and spending.budget_idr is not null
where left_over.indicator_id = 'budget_unspent_balance'
order by left_over.region_code, left_over.period_label, left_over.stage
