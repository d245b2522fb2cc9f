-- A declaration that no published sum answers to any more is out of date, and says so. In a
-- release without those figures there is nothing to be out of date about.
with declared as (
    select * from {{ ref("known_contradictions") }}
),

checked as (
    select * from {{ ref("int_identities__checked") }}
)

select
    declared.identity_id,
    declared.region_code,
    declared.period_label,
    declared.stage
from declared
inner join checked
    on
        declared.identity_id = checked.identity_id
        and declared.region_code = checked.region_code
        and declared.period_label = checked.period_label
        and declared.stage = checked.stage
group by
    declared.identity_id,
    declared.region_code,
    declared.period_label,
    declared.stage
having bool_and(checked.closes)
