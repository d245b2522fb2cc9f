select * from scorecard where region_code = $region and year <= $last_year
order by year desc limit 4
