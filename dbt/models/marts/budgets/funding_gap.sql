-- Grain: government x fiscal year.
with cuts as (
    select * from {{ ref("transfer_cuts") }}
    where component = 'total' and is_headline
),

gap_claims as (
    select * from {{ ref("int_budgets__gap_claims") }}
),

summed as (
    select
        region_code,
        fiscal_year,
        cast(
            sum(case when kind = 'philanthropy' then value end)
            as decimal(28, 6)
        ) as philanthropy,
        max(case when kind = 'philanthropy' then stage end)
            as philanthropy_stage,
        cast(
            sum(case when kind = 'stated_need' then value end)
            as decimal(28, 6)
        ) as stated_need,
        cast(
            count(case when kind = 'stated_need' then 1 end) as integer
        ) as n_stated_needs
    from gap_claims
    group by region_code, fiscal_year
),

-- A year of which only a cut of one component is known is a row too, with its reason.
government_years as (
    select
        region_code,
        fiscal_year
    from {{ ref("transfer_cuts") }}
    union
    select
        region_code,
        fiscal_year
    from summed
),

regions as (
    select * from {{ ref("dim_region") }}
),

joined as (
    select
        government_years.region_code,
        regions.name as region_name,
        government_years.fiscal_year,
        cuts.cut_idr,
        cuts.baseline as cut_baseline,
        cuts.basis as cut_basis,
        case
            when cuts.cut_idr is null then 'no_total_cut_known'
        end as cut_reason,
        cuts.own_revenue_idr,
        cuts.own_revenue_growth_needed_pct,
        case
            when cuts.cut_idr is null then 'no_total_cut_known'
            else cuts.own_revenue_reason
        end as own_revenue_reason,
        {{ to_integer("summed.philanthropy") }} as philanthropy_idr,
        summed.philanthropy_stage,
        case
            when summed.philanthropy is null
                then 'no_receipts_published_for_that_year'
        end as philanthropy_reason,
        -- More money than the year before leaves nothing to make up for.
        case
            when cuts.cut_idr > 0
                then {{ percent_of("summed.philanthropy", "cuts.cut_idr") }}
        end as philanthropy_share_of_cut_pct,
        {{ to_integer("summed.stated_need") }} as stated_need_idr,
        coalesce(summed.n_stated_needs, 0) as n_stated_needs,
        case
            when summed.stated_need is null then 'no_need_stated_in_public'
        end as stated_need_reason,
        coalesce(cuts.has_conflict, false) as has_conflict
    from government_years
    inner join regions
        on government_years.region_code = regions.region_code
    left join cuts
        on
            government_years.region_code = cuts.region_code
            and government_years.fiscal_year = cuts.fiscal_year
    left join summed
        on
            government_years.region_code = summed.region_code
            and government_years.fiscal_year = summed.fiscal_year
)

select * from joined
