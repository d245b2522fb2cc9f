-- Grain: mart x row x column x claim. What every figure in the marts rests on. Each mart
-- with figures has a model int_lineage__<mart> of these four columns and a branch here.
with lineage as (
    select * from {{ ref("int_lineage__observations") }}
    union
    select * from {{ ref("int_lineage__revisions") }}
    union
    select * from {{ ref("int_lineage__unemployment") }}
    union
    select * from {{ ref("int_lineage__unemployment_breakdown") }}
    union
    select * from {{ ref("int_lineage__transfer_cuts") }}
    union
    select * from {{ ref("int_lineage__transfer_claims") }}
    union
    select * from {{ ref("int_lineage__program_spend") }}
    union
    select * from {{ ref("int_lineage__civic_indicators") }}
    union
    select * from {{ ref("int_lineage__statement_checks") }}
    union
    select * from {{ ref("int_lineage__contradictions") }}
    union
    select * from {{ ref("int_lineage__budget") }}
    union
    select * from {{ ref("int_lineage__funding_gap") }}
    union
    select * from {{ ref("int_lineage__program_spend_by_theme") }}
    union
    select * from {{ ref("int_lineage__regional_disparity") }}
    union
    select * from {{ ref("int_lineage__scorecard") }}
    union
    select * from {{ ref("int_lineage__musrenbang") }}
)

select * from lineage
