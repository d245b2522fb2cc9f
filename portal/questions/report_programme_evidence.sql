-- One observation of each source that a region's programme lines of a year come from.
select min(obs_id) as obs_id from observations
where region_code = $region and breakdown = 'programme_account'
    and period_label = cast($year as varchar)
group by source_id
