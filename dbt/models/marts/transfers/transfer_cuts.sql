-- Grain: government x fiscal year x component x baseline x basis.
with cuts as (
    select * from {{ ref("int_transfers__cuts") }}
),

prior_budgets as (
    select * from {{ ref("int_transfers__prior_budgets") }}
),

denominators as (
    select * from {{ ref("int_population__denominators") }}
),

regions as (
    select * from {{ ref("dim_region") }}
),

joined as (
    select
        cuts.region_code,
        regions.name as region_name,
        cuts.fiscal_year,
        cuts.component,
        cuts.baseline,
        cuts.basis,
        cuts.is_headline,
        {{ to_integer("cuts.amount") }} as amount_idr,
        cuts.amount_stage,
        {{ to_integer("cuts.prior_amount") }} as prior_amount_idr,
        cuts.prior_stage,
        {{ to_integer("cuts.cut") }} as cut_idr,
        {{ percent_of("cuts.cut", "cuts.prior_amount") }} as cut_pct,
        {{ to_integer("cuts.precision") }} as precision_idr,
        cuts.reason,
        {{ per_head("cuts.cut", "denominators.persons") }}
            as cut_per_capita_idr,
        case
            when cuts.cut is not null then denominators.denominator_year
        end as denominator_year,
        {{ to_integer("prior_budgets.own_revenue") }} as own_revenue_idr,
        {{ percent_of("cuts.cut", "prior_budgets.own_revenue") }}
            as own_revenue_growth_needed_pct,
        {{ percent_of("cuts.cut", "prior_budgets.revenue") }}
            as share_of_revenue_pct,
        case
            when cuts.cut is null then 'no_cut_known'
            when prior_budgets.own_revenue is null
                then 'no_enacted_own_revenue_prior_year'
        end as own_revenue_reason,
        case
            when cuts.cut is null then 'no_cut_known'
            when prior_budgets.revenue is null
                then 'no_enacted_revenue_prior_year'
        end as share_of_revenue_reason,
        cast(cuts.n_claims as integer) as n_claims,
        cuts.has_conflict,
        cuts.amount_obs_id,
        cuts.prior_obs_id,
        cuts.cut_obs_id
    from cuts
    inner join regions
        on cuts.region_code = regions.region_code
    left join prior_budgets
        on
            cuts.region_code = prior_budgets.region_code
            and cuts.fiscal_year = prior_budgets.fiscal_year
    left join denominators
        on
            cuts.region_code = denominators.region_code
            and cuts.fiscal_year >= denominators.denominator_year
            and cuts.fiscal_year < coalesce(
                denominators.next_denominator_year, 9999
            )
)

select * from joined
