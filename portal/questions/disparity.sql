select * from regional_disparity
order by indicator_id, scope_id, period_label, is_headline desc, series_version
