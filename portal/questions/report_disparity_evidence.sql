-- One observation of each source that an area's figures of a period come from.
select min(figures.obs_id) as obs_id
from observations as figures
join dim_region as region
    on region.region_code = figures.region_code and region.parent_region_code = $area
where figures.indicator_id = $indicator and figures.period_label = $period
    and figures.value is not null
group by figures.source_id
order by count(*) desc, figures.source_id
limit 3
