select * from transfer_cuts
order by region_code, fiscal_year, component, is_headline desc, baseline, basis, amount_obs_id, cut_obs_id
