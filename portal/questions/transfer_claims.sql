select * from transfer_claims order by region_code, fiscal_year, component, claimed_at, obs_id
