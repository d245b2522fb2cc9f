select * from scorecard order by region_code, year
