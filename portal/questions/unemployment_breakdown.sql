select * from unemployment_breakdown
order by region_code, survey_year desc, survey_month desc, breakdown, category
