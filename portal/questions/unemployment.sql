select * from unemployment
order by region_code, survey_year, survey_month, is_headline desc, series_version
