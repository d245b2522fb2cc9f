-- Grain: region x year.
with cells as (
    select * from {{ ref("int_scorecard__cells") }}
),

regions as (
    select * from {{ ref("dim_region") }}
    where region_code is not null
),

pivoted as (
    select
        cells.region_code,
        regions.name as region_name,
        regions.type as region_type,
        regions.parent_region_code,
        cells.year,
        cast({{ scorecard_cell("unemployment_rate_pct") }} as decimal(9, 4))
            as unemployment_rate_pct,
        cast({{ scorecard_cell("rank_in_province") }} as integer)
            as rank_in_province,
        cast({{ scorecard_cell("transfer_cut_idr") }} as bigint)
            as transfer_cut_idr,
        cast({{ scorecard_cell("transfer_cut_per_capita_idr") }} as bigint)
            as transfer_cut_per_capita_idr,
        cast({{ scorecard_cell("own_revenue_idr") }} as bigint)
            as own_revenue_idr,
        cast({{ scorecard_cell("budget_per_capita_idr") }} as bigint)
            as budget_per_capita_idr,
        cast(
            {{ scorecard_cell("employment_spend_per_unemployed_idr") }}
            as bigint
        ) as employment_spend_per_unemployed_idr,
        cast({{ scorecard_cell("poverty_rate_pct") }} as decimal(9, 4))
            as poverty_rate_pct,
        cast({{ scorecard_cell("human_development_index") }} as decimal(9, 4))
            as human_development_index,
        {{ to_integer(scorecard_cell("grdp_per_capita_idr")) }}
            as grdp_per_capita_idr,
        -- Only a regency has a place within a province.
        cast(
            case when regions.type in ('kabupaten', 'kota') then 10 else 9 end
            - count(*) as integer
        ) as n_missing,
        cast(count(case when cells.is_derived then 1 end) as integer)
            as n_derived,
        cast(count(case when cells.is_disputed then 1 end) as integer)
            as n_disputed
    from cells
    inner join regions
        on cells.region_code = regions.region_code
    group by
        cells.region_code,
        regions.name,
        regions.type,
        regions.parent_region_code,
        cells.year
)

select * from pivoted
