-- topic: transfers
-- id: Berapa bagian pendapatan daerah yang berasal dari transfer?
-- en: What share of its revenue does each government get as transfers?
-- note_id: >-
--   Hanya tahun dan tahap yang memuat keduanya; selain transfer pusat dapat ada transfer
--   provinsi.
-- note_en: Only years and stages that give both; transfers of the province may be among them.
with shares as (
    select
        part.region_code,
        part.region_name,
        part.fiscal_year,
        part.stage,
        part.budget_idr as transfer_idr,
        whole.budget_idr as revenue_idr,
        row_number() over (
            partition by part.region_code
            order by
                part.fiscal_year desc,
                case part.stage
                    when 'amended' then 1
                    when 'enacted' then 2
                    when 'approved' then 3
                    else 4
                end,
                part.stage
        ) as nth
    from marts.budget as part
    inner join marts.budget as whole
        on
            part.region_code = whole.region_code
            and part.fiscal_year = whole.fiscal_year
            and part.stage = whole.stage
            and part.as_of_date = whole.as_of_date
            and part.perimeter = whole.perimeter
    where
        part.account_code = '4.2'
        and whole.account_code = '4'
        and part.budget_idr is not null
        and whole.budget_idr > 0
)

select
    region_code,
    region_name,
    fiscal_year,
    stage,
    transfer_idr,
    revenue_idr,
    cast(
        100 * cast(transfer_idr as decimal(28, 6)) / revenue_idr
        as decimal(9, 2)
    ) as transfer_share_pct
from shares
where nth = 1
order by transfer_share_pct desc, region_code
