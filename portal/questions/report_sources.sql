-- The sources of some observations, each observation once.
select obs_id, source_id, source_name, source_url, provenance_tier, claimant, known_at,
    known_at_basis, dataset_id
from observation_history
where list_contains($ids, obs_id)
qualify row_number() over (partition by obs_id order by is_current desc, source_id) = 1
