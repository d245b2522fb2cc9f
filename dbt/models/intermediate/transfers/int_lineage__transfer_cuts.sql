-- Grain: row x column x claim. What the figures of marts.transfer_cuts rest on.
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

{% set cut = ["amount_obs_id", "prior_obs_id", "cut_obs_id"] %}
{% set cells = [
    ("amount_idr", ["amount_obs_id"], "true"),
    ("prior_amount_idr", ["prior_obs_id"], "true"),
    ("own_revenue_idr", ["own_revenue_obs_id"], "true"),
    ("cut_idr", cut, "cut is not null"),
    ("precision_idr", cut, "cut is not null"),
    ("cut_pct", ["amount_obs_id", "prior_obs_id"], "cut is not null"),
    ("cut_per_capita_idr", cut + ["population_obs_id"],
        "cut is not null and population_obs_id is not null"),
    ("own_revenue_growth_needed_pct", cut + ["own_revenue_obs_id"],
        "cut is not null and own_revenue_obs_id is not null"),
    ("share_of_revenue_pct", cut + ["revenue_obs_id"],
        "cut is not null and revenue_obs_id is not null"),
] %}
cells as (
    {%- for column, obs_ids, condition in cells %}
    {%- set last_column = loop.last %}
    {%- for obs_id in obs_ids %}
    select
        row_key,
        '{{ column }}' as column_name,
        {{ obs_id }} as obs_id
    from measured
    where {{ condition }}
    {{ "union all" if not (last_column and loop.last) }}
    {%- endfor %}
    {%- endfor %}
)

select
    'transfer_cuts' as mart,
    row_key,
    column_name,
    obs_id
from cells
where obs_id is not null
