-- Grain: row x column x claim. The figures that contradict one another.
with broken as (
    select
        check_id as row_key,
        {{ split_rows("evidence_obs_ids", ",") }} as obs_id
    from {{ ref("int_identities__checked") }}
    where not closes
),

lineage as (
    {{ lineage_cells("contradictions", [
        ("broken", "stated_value", ["obs_id"], "true"),
        ("broken", "computed_value", ["obs_id"], "true"),
        ("broken", "residual", ["obs_id"], "true"),
        ("broken", "tolerance", ["obs_id"], "true"),
    ]) }}
)

select * from lineage
