-- What stands beside each headline: other claims for its key, and values that were replaced.
select
    history.key_id, history.obs_id, history.value, history.value_text, history.unit,
    history.relation, history.source_id, history.source_name, history.source_url, history.claimant,
    history.known_at, history.known_at_basis, history.is_current, history.note,
    history.indicator_id, history.region_code, history.period_label, history.stage,
    history.perimeter, history.perimeter_note, history.series_version, history.dataset_id,
    history.snapshot_id, history.locator, history.published_at, history.provenance_tier,
    history.breakdown, history.category, history.obs_status, history.baseline
from observation_history as history
where history.obs_id not in (select obs_id from observations)
order by history.key_id, history.known_at, history.obs_id
