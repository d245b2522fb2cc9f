-- topic: budget
-- id: Berapa anggaran tema ketenagakerjaan per penganggur?
-- en: How much is budgeted for employment per unemployed person?
select
    region_code,
    region_name,
    fiscal_year,
    budget_idr,
    budget_per_unemployed_idr,
    unemployed_year,
    case
        when unemployed_reason = 'no_number_of_unemployed_until_that_year'
            then 'jumlah penganggur sampai tahun itu tidak terbit'
    end as reason_id,
    case
        when unemployed_reason = 'no_number_of_unemployed_until_that_year'
            then 'no number of unemployed is published until that year'
    end as reason_en
from marts.program_spend_by_theme
where theme = 'employment' and not is_support
order by
    fiscal_year desc, budget_per_unemployed_idr desc nulls last, region_code
