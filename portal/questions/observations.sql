select
    obs_id, key_id, indicator_id, region_code, period_start, period_end, period_label, period_kind,
    stage, perimeter, perimeter_note, baseline, breakdown, category, attributes, value, value_text,
    unit, precision, obs_status, standard_error, series_version, source_id, source_name, source_url,
    provenance_tier, claimant, published_at, published_at_basis, known_at, known_at_basis,
    dataset_id, snapshot_id, locator, is_sample, note, is_derived, formula_id, n_claims,
    n_corroborating, n_disputing, has_conflict, conflict_kind, correction_reason
from observations
order by indicator_id, region_code, period_start, series_version, stage, breakdown, category, obs_id
