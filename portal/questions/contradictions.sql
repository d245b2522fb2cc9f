select * from contradictions order by region_code, period_label, check_id
