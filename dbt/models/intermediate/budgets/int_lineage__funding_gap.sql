-- Grain: row x column x claim. What the figures of marts.funding_gap rest on.
with cuts as (
    select
        *,
        {{ row_key(["region_code", "fiscal_year"]) }} as row_key,
        {{ row_key(
            ["region_code", "fiscal_year", "component", "baseline", "basis"]
        ) }} as cut_row_key
    from {{ ref("transfer_cuts") }}
    where component = 'total' and is_headline
),

cut_lineage as (
    select
        cuts.row_key,
        cuts.cut_idr,
        cuts.philanthropy_obs_id,
        lineage.column_name,
        lineage.obs_id
    from (
        select
            cuts.*,
            gap_claims.obs_id as philanthropy_obs_id
        from cuts
        left join {{ ref("int_budgets__gap_claims") }} as gap_claims
            on
                cuts.region_code = gap_claims.region_code
                and cuts.fiscal_year = gap_claims.fiscal_year
                and gap_claims.kind = 'philanthropy'
    ) as cuts
    inner join {{ ref("int_lineage__transfer_cuts") }} as lineage
        on cuts.cut_row_key = lineage.row_key
),

gap_claims as (
    select
        *,
        {{ row_key(["region_code", "fiscal_year"]) }} as row_key
    from {{ ref("int_budgets__gap_claims") }}
),

lineage as (
    {{ lineage_cells("funding_gap", [
        ("cut_lineage", "cut_idr", ["obs_id"], "column_name = 'cut_idr'"),
        ("cut_lineage", "own_revenue_idr", ["obs_id"],
            "column_name = 'own_revenue_idr'"),
        ("cut_lineage", "own_revenue_growth_needed_pct", ["obs_id"],
            "column_name = 'own_revenue_growth_needed_pct'"),
        ("cut_lineage", "philanthropy_share_of_cut_pct",
            ["obs_id", "philanthropy_obs_id"],
            "column_name = 'cut_idr' and cut_idr > 0 and philanthropy_obs_id is not null"),
        ("gap_claims", "philanthropy_idr", ["obs_id"], "kind = 'philanthropy'"),
        ("gap_claims", "stated_need_idr", ["obs_id"], "kind = 'stated_need'"),
    ]) }}
)

select * from lineage
