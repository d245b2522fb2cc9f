-- One row a programme: its accounts are summed; a programme's name is unique within its function.
select
    region_code, fiscal_year, function_code, function_name, function_name_en, program_code,
    program_name, theme, stage, is_mapped, is_support,
    cast(sum(budget_idr) as bigint) as budget_idr,
    cast(sum(realised_idr) as bigint) as realised_idr,
    cast(sum(budget_per_capita_idr) as bigint) as budget_per_capita_idr,
    min(realised_reason) as realised_reason,
    count(*) as n_accounts,
    max(period_end) as period_end
from program_spend
group by all
order by region_code, fiscal_year desc, budget_idr desc, program_code, program_name
