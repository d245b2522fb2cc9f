-- Every programme has one theme and one function: added up either way, the budget is the sum
-- of its printed lines, and where the total was published, that total.
with spend as (
    select * from {{ ref("program_spend") }}
    where budget_idr is not null
),

lines as (
    select
        region_code,
        fiscal_year,
        stage,
        sum(value) as printed_idr
    from {{ ref("int_programmes__lines") }}
    where stage not in ('realised', 'realised_to_date')
    group by region_code, fiscal_year, stage
),

published as (
    select
        region_code,
        extract(year from period_start) as fiscal_year,
        stage,
        value,
        precision
    from {{ ref("observations") }}
    where
        indicator_id = 'budget_expenditure'
        and perimeter = 'own_government'
        and period_kind = 'flow'
),

by_theme as (
    select
        region_code,
        fiscal_year,
        stage,
        sum(budget_idr) as theme_idr
    from spend
    where theme is not null
    group by region_code, fiscal_year, stage
),

by_function as (
    select
        region_code,
        fiscal_year,
        stage,
        sum(budget_idr) as function_idr
    from spend
    where function_name is not null or is_support
    group by region_code, fiscal_year, stage
)

select
    lines.*,
    by_theme.theme_idr,
    by_function.function_idr,
    published.value as published_idr
from lines
left join by_theme
    on
        lines.region_code = by_theme.region_code
        and lines.fiscal_year = by_theme.fiscal_year
        and lines.stage = by_theme.stage
left join by_function
    on
        lines.region_code = by_function.region_code
        and lines.fiscal_year = by_function.fiscal_year
        and lines.stage = by_function.stage
left join published
    on
        lines.region_code = published.region_code
        and lines.fiscal_year = published.fiscal_year
        and lines.stage = published.stage
where
    by_theme.theme_idr is distinct from by_function.function_idr
    or abs(by_theme.theme_idr - lines.printed_idr) > 1
    or abs(lines.printed_idr - published.value)
    > coalesce(published.precision, 1)
