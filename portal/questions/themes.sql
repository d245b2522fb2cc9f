select * from program_spend_by_theme
order by region_code, fiscal_year, is_support, budget_idr desc
