-- Grain: row x column x claim. What the figures of marts.revisions rest on.
with revisions as (
    select * from {{ ref("revisions") }}
),

lineage as (
    select
        'revisions' as mart,
        revision_id as row_key,
        'old_value' as column_name,
        old_obs_id as obs_id
    from revisions
    where old_value is not null
    union all
    select
        'revisions' as mart,
        revision_id as row_key,
        'new_value' as column_name,
        new_obs_id as obs_id
    from revisions
    where new_value is not null
)

select * from lineage
