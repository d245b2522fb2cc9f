select * from release_diff order by kind, indicator_id, region_code, period_label, nth
