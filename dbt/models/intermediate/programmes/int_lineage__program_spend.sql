-- Grain: row x column x claim. The printed lines that each amount of marts.program_spend adds
-- up. A share rests on every line of its government's budget as well; those are found under
-- budget_idr of the same government, year and stage.
with lines as (
    select
        *,
        {{ row_key([
            "region_code", "fiscal_year", "program_code", "program_name",
            "agency_name", "account_code", "stage", "period_end",
        ]) }} as row_key
    from {{ ref("int_programmes__lines") }}
),

denominators as (
    select * from {{ ref("int_population__denominators") }}
),

measured as (
    select
        lines.*,
        lines.stage in ('realised', 'realised_to_date') as is_realised,
        denominators.obs_id as population_obs_id
    from lines
    left join denominators
        on
            lines.region_code = denominators.region_code
            and lines.fiscal_year >= denominators.denominator_year
            and lines.fiscal_year < coalesce(
                denominators.next_denominator_year, 9999
            )
),

lineage as (
    {{ lineage_cells("program_spend", [
        ("measured", "budget_idr", ["obs_id"], "not is_realised"),
        ("measured", "share_of_budget_pct", ["obs_id"], "not is_realised"),
        ("measured", "realised_idr", ["obs_id"], "is_realised"),
        ("measured", "absorption_pct", ["obs_id"], "is_realised"),
        ("measured", "budget_per_capita_idr", ["obs_id", "population_obs_id"],
            "not is_realised and population_obs_id is not null"),
    ]) }}
)

select * from lineage
