select * from unemployment_breakdown
where region_code = $region and make_date(survey_year, survey_month, 1) <= $until
order by survey_year desc, survey_month desc, breakdown, category, series_version
