select * from regional_disparity
where scope_id = $area and is_headline and period_year <= $year
order by indicator_id, period_label desc, series_version
