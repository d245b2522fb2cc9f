-- Grain: row x column x claim. What the figures of marts.budget rest on.
with compared as (
    select
        *,
        {{ row_key(
            ["region_code", "fiscal_year", "account_code", "stage", "as_of_date"]
        ) }} as row_key
    from {{ ref("int_budgets__compared") }}
),

lineage as (
    {{ lineage_cells("budget", [
        ("compared", "budget_idr", ["obs_id"], "not is_realised"),
        ("compared", "realised_idr", ["obs_id"], "is_realised"),
        ("compared", "precision_idr", ["obs_id"], "precision is not null"),
        ("compared", "compared_budget_idr", ["compared_obs_id"], "true"),
        ("compared", "absorption_pct", ["obs_id", "compared_obs_id"],
            "compared_amount > 0"),
    ]) }}
)

select * from lineage
