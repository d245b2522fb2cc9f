-- topic: budget
-- id: Apakah bagian pendapatan asli daerah (PAD) tumbuh?
-- en: Does the share of own revenue (PAD) grow?
with chosen as (
    select
        part.region_code,
        part.region_name,
        part.fiscal_year,
        part.stage,
        part.budget_idr as own_revenue_idr,
        whole.budget_idr as revenue_idr,
        part.precision_idr,
        whole.precision_idr as revenue_precision_idr
    from marts.budget as part
    inner join marts.budget as whole
        on
            part.region_code = whole.region_code
            and part.fiscal_year = whole.fiscal_year
            and part.stage = whole.stage
            and part.as_of_date = whole.as_of_date
            and part.perimeter = whole.perimeter
    where
        part.account_code = '4.1'
        and whole.account_code = '4'
        and part.budget_idr is not null
        and whole.budget_idr > 0
)

select
    region_code,
    region_name,
    fiscal_year,
    stage,
    own_revenue_idr,
    revenue_idr,
    cast(
        100 * cast(own_revenue_idr as decimal(28, 6)) / revenue_idr
        as decimal(9, 2)
    ) as own_revenue_share_pct
from chosen
order by region_code, fiscal_year, stage
