select * from contradictions where region_code = $region order by period_label desc, check_id
