-- Statements whose evidence is about a region, said up to a day.
select checks.* from statement_checks as checks
where checks.said_at <= $until and exists (
    select 1 from observation_history as evidence
    where evidence.region_code = $region
        and list_contains(string_split(checks.evidence_obs_ids, ','), evidence.obs_id)
)
order by checks.said_at desc, checks.statement_id
limit 4
