-- Grain: row x column x claim. The printed lines that each amount of
-- marts.program_spend_by_theme adds up. A share rests on every line of its government's budget
-- as well; those are found under budget_idr of the government's other themes.
with lines as (
    select
        *,
        {{ row_key(["region_code", "fiscal_year", "theme", "is_support"]) }}
            as row_key
    from {{ ref("int_programmes__yearly") }}
),

denominators as (
    select * from {{ ref("int_population__denominators") }}
),

unemployed as (
    select * from {{ ref("int_labour__unemployed_years") }}
),

measured as (
    select
        lines.*,
        denominators.obs_id as population_obs_id,
        unemployed.obs_id as unemployed_obs_id,
        bool_or(lines.is_realised) over (partition by lines.row_key)
        and bool_or(not lines.is_realised) over (partition by lines.row_key)
            as is_absorbed
    from lines
    left join denominators
        on
            lines.region_code = denominators.region_code
            and lines.fiscal_year >= denominators.denominator_year
            and lines.fiscal_year < coalesce(
                denominators.next_denominator_year, 9999
            )
    left join unemployed
        on
            lines.region_code = unemployed.region_code
            and lines.fiscal_year >= unemployed.unemployed_year
            and lines.fiscal_year < coalesce(
                unemployed.next_unemployed_year, 9999
            )
),

lineage as (
    {{ lineage_cells("program_spend_by_theme", [
        ("measured", "budget_idr", ["obs_id"], "not is_realised"),
        ("measured", "share_of_budget_pct", ["obs_id"], "not is_realised"),
        ("measured", "share_of_programmes_pct", ["obs_id"],
            "not is_realised and not is_support"),
        ("measured", "realised_idr", ["obs_id"], "is_realised"),
        ("measured", "absorption_pct", ["obs_id"], "is_absorbed"),
        ("measured", "budget_per_capita_idr", ["obs_id", "population_obs_id"],
            "not is_realised and population_obs_id is not null"),
        ("measured", "budget_per_unemployed_idr", ["obs_id", "unemployed_obs_id"],
            "not is_realised and theme = 'employment' and unemployed_obs_id is not null"),
    ]) }}
)

select * from lineage
