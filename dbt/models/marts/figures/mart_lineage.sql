-- Grain: mart x row x column x claim. What every figure in the marts rests on. Each mart
-- with figures has a model int_lineage__<mart> of these four columns and a branch here.
with lineage as (
    select * from {{ ref("int_lineage__observations") }}
    union
    select * from {{ ref("int_lineage__revisions") }}
)

select * from lineage
