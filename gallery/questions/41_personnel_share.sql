-- topic: budget
-- id: Berapa bagian belanja pegawai?
-- en: What share of expenditure goes to personnel?
-- note_id: >-
--   Undang-undang membatasinya 30 persen paling lambat 2027, di luar tunjangan guru dari pusat.
-- note_en: >-
--   The law limits it to 30 percent from 2027 at the latest, without teachers' allowances paid
--   by the centre.
select
    part.region_code,
    part.region_name,
    part.fiscal_year,
    part.stage,
    part.budget_idr as personnel_idr,
    whole.budget_idr as expenditure_idr,
    cast(
        100 * cast(part.budget_idr as decimal(28, 6)) / whole.budget_idr
        as decimal(9, 2)
    ) as personnel_share_pct
from marts.budget as part
inner join marts.budget as whole
    on
        part.region_code = whole.region_code
        and part.fiscal_year = whole.fiscal_year
        and part.stage = whole.stage
        and part.as_of_date = whole.as_of_date
        and part.perimeter = whole.perimeter
where
    part.account_code = '5.1.01'
    and whole.account_code = '5'
    and part.budget_idr is not null
    and whole.budget_idr > 0
order by part.region_code, part.fiscal_year, part.stage
