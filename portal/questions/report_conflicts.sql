-- Figures of a region that publishers contradict each other about, the newest first.
select
    observations.obs_id, observations.indicator_id, name_id, name_en, observations.period_label,
    observations.stage, observations.value, observations.unit, observations.n_claims,
    observations.conflict_kind, observations.category, observations.breakdown
from observations
join dim_indicator using (indicator_id)
where region_code = $region and has_conflict and period_start <= $until
order by conflict_kind = 'dispute' desc, period_start desc, indicator_id, observations.obs_id
limit 10
