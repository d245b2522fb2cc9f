select * from transfer_claims
where region_code = $region and fiscal_year <= $last_year
order by fiscal_year desc, component, claimed_at, amount_idr
