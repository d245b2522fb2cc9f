-- Grain: row x column x claim. What the figures of marts.transfer_cuts rest on.
{% set cut = ["amount_obs_id", "prior_obs_id", "cut_obs_id"] -%}
{% set known = "cut is not null" -%}
with cuts as (
    select
        *,
        {{ row_key(
            ["region_code", "fiscal_year", "component", "baseline", "basis"]
        ) }} as row_key
    from {{ ref("int_transfers__cuts") }}
),

prior_budgets as (
    select * from {{ ref("int_transfers__prior_budgets") }}
),

denominators as (
    select * from {{ ref("int_population__denominators") }}
),

measured as (
    select
        cuts.*,
        prior_budgets.own_revenue_obs_id,
        prior_budgets.revenue_obs_id,
        denominators.obs_id as population_obs_id
    from cuts
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
),

lineage as (
    {{ lineage_cells("transfer_cuts", [
        ("measured", "amount_idr", ["amount_obs_id"], "true"),
        ("measured", "prior_amount_idr", ["prior_obs_id"], "true"),
        ("measured", "own_revenue_idr", ["own_revenue_obs_id"], "true"),
        ("measured", "cut_idr", cut, known),
        ("measured", "precision_idr", cut, known),
        ("measured", "cut_pct", cut, known ~ " and prior_obs_id is not null"),
        ("measured", "cut_per_capita_idr", cut + ["population_obs_id"],
            known ~ " and population_obs_id is not null"),
        ("measured", "own_revenue_growth_needed_pct", cut + ["own_revenue_obs_id"],
            known ~ " and own_revenue_obs_id is not null"),
        ("measured", "share_of_revenue_pct", cut + ["revenue_obs_id"],
            known ~ " and revenue_obs_id is not null"),
    ]) }}
)

select * from lineage
