select * from transfer_cuts
where region_code = $region and fiscal_year <= $last_year
order by fiscal_year desc, component, is_headline desc, baseline
