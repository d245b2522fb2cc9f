-- Grain: mart x row x column x claim. What every figure in the marts rests on. Each mart
-- with figures has a model int_lineage__<mart> of these four columns and a branch here; its
-- rows are distinct already, and name their mart, so that nothing needs comparing again.
with lineage as (
    select * from {{ ref("int_lineage__observations") }}
    union all
    select * from {{ ref("int_lineage__revisions") }}
    union all
    select * from {{ ref("int_lineage__unemployment") }}
    union all
    select * from {{ ref("int_lineage__unemployment_breakdown") }}
    union all
    select * from {{ ref("int_lineage__transfer_cuts") }}
    union all
    select * from {{ ref("int_lineage__transfer_claims") }}
    union all
    select * from {{ ref("int_lineage__program_spend") }}
    union all
    select * from {{ ref("int_lineage__civic_indicators") }}
    union all
    select * from {{ ref("int_lineage__statement_checks") }}
    union all
    select * from {{ ref("int_lineage__contradictions") }}
    union all
    select * from {{ ref("int_lineage__budget") }}
    union all
    select * from {{ ref("int_lineage__funding_gap") }}
    union all
    select * from {{ ref("int_lineage__program_spend_by_theme") }}
    union all
    select * from {{ ref("int_lineage__regional_disparity") }}
    union all
    select * from {{ ref("int_lineage__scorecard") }}
    union all
    select * from {{ ref("int_lineage__musrenbang") }}
)

select * from lineage
