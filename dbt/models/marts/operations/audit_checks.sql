-- Grain: one rule that the candidate was held to. Left empty here: the checks run on the finished
-- candidate, and the audit then enters what they found.
with audit_checks as (
    select
        cast(null as string) as gate,
        cast(null as string) as suite,
        cast(null as string) as table_name,
        cast(null as string) as rule,
        cast(null as string) as severity,
        cast(null as string) as outcome,
        cast(null as string) as description_id,
        cast(null as string) as description_en,
        cast(null as bigint) as n_checked,
        cast(null as bigint) as n_failed,
        cast(null as string) as examples
    where false
)

select * from audit_checks
