select * from program_spend_by_theme
where region_code = $region and fiscal_year <= $last_year
    and fiscal_year = (
        select max(fiscal_year) from program_spend_by_theme
        where region_code = $region and fiscal_year <= $last_year
    )
order by is_support, budget_idr desc nulls last, theme
