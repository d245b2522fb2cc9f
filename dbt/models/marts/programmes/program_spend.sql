-- Grain: government x fiscal year x programme (code and name) x agency x account x stage x
-- period end.
with grouped as (
    select * from {{ ref("int_programmes__grouped") }}
),

functions as (
    select * from {{ ref("government_functions") }}
),

themes as (
    select * from {{ ref("programme_themes") }}
),

denominators as (
    select * from {{ ref("int_population__denominators") }}
),

regions as (
    select * from {{ ref("dim_region") }}
),

split as (
    select
        grouped.*,
        stage in ('realised', 'realised_to_date') as is_realised,
        bool_or(stage in ('realised', 'realised_to_date')) over (
            partition by region_code, fiscal_year
        ) as has_realised,
        sum(amount) over (
            partition by region_code, fiscal_year, stage, period_end
        ) as whole_amount
    from grouped
),

-- The budget that spending is held against: the year's last one, and only a whole year's.
yearly_budgets as (
    select
        split.*,
        row_number() over (
            partition by
                region_code,
                fiscal_year,
                program_code,
                program_name,
                agency_name,
                account_code
            order by
                case stage
                    when 'amended' then 0 when 'enacted' then 1 else 2
                end,
                period_end desc
        ) as choice
    from split
    where stage in ('amended', 'enacted')
),

joined as (
    select
        split.region_code,
        regions.name as region_name,
        split.fiscal_year,
        split.function_code,
        functions.name_id as function_name,
        functions.name_en as function_name_en,
        split.program_code,
        split.program_name,
        split.agency_name,
        coalesce(themes.theme, 'other') as theme,
        themes.theme is not null as is_mapped,
        split.is_support,
        split.account_code,
        split.account_name,
        split.stage,
        split.period_end,
        case
            when not split.is_realised then {{ to_integer("split.amount") }}
        end as budget_idr,
        case
            when split.is_realised then {{ to_integer("split.amount") }}
        end as realised_idr,
        case
            when split.is_realised
                then {{ percent_of("split.amount", "yearly_budgets.amount") }}
        end as absorption_pct,
        case
            when split.is_realised then null
            when split.has_realised then 'in_rows_of_stage_realised'
            else 'not_published'
        end as realised_reason,
        case
            when not split.is_realised
                then
                    {{ per_head("split.amount", "denominators.persons") }}
        end as budget_per_capita_idr,
        denominators.denominator_year,
        case
            when not split.is_realised
                then {{ percent_of("split.amount", "split.whole_amount") }}
        end as share_of_budget_pct,
        split.n_lines,
        split.has_conflict
    from split
    inner join regions
        on split.region_code = regions.region_code
    left join functions
        on split.function_code = functions.function_code
    left join themes
        on
            split.program_code = themes.program_code
            and split.program_name = themes.program_name
    left join yearly_budgets
        on
            split.region_code = yearly_budgets.region_code
            and split.fiscal_year = yearly_budgets.fiscal_year
            and split.program_code = yearly_budgets.program_code
            and split.program_name = yearly_budgets.program_name
            and split.account_code = yearly_budgets.account_code
            and coalesce(split.agency_name, '')
            = coalesce(yearly_budgets.agency_name, '')
            and yearly_budgets.choice = 1
    left join denominators
        on
            split.region_code = denominators.region_code
            and split.fiscal_year >= denominators.denominator_year
            and split.fiscal_year < coalesce(
                denominators.next_denominator_year, 9999
            )
)

select * from joined
