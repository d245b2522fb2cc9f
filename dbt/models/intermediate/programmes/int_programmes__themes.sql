-- Grain: government x fiscal year x theme x is_support. What the year's programmes of a theme
-- come to, and how many programmes of that government nobody has put under any theme.
with grouped as (
    select * from {{ ref("int_programmes__grouped") }}
),

stages as (
    select * from {{ ref("int_programmes__stages") }}
),

mapped as (
    select * from {{ ref("programme_themes") }}
),

yearly as (
    select
        grouped.region_code,
        grouped.fiscal_year,
        grouped.stage,
        grouped.period_end,
        stages.is_realised,
        coalesce(mapped.theme, 'other') as theme,
        mapped.theme is not null as is_mapped,
        grouped.is_support,
        grouped.program_code || ' ' || grouped.program_name as programme,
        grouped.amount,
        grouped.has_conflict
    from grouped
    inner join stages
        on
            grouped.region_code = stages.region_code
            and grouped.fiscal_year = stages.fiscal_year
            and grouped.stage = stages.stage
            and grouped.period_end is not distinct from stages.period_end
    left join mapped
        on
            grouped.program_code = mapped.program_code
            and grouped.program_name = mapped.program_name
),

by_theme as (
    select
        region_code,
        fiscal_year,
        theme,
        is_support,
        max(case when not is_realised then stage end) as stage,
        max(case when is_realised then stage end) as realised_stage,
        max(case when is_realised then period_end end) as realised_until,
        cast(
            sum(case when not is_realised then amount end) as decimal(28, 6)
        ) as budget,
        cast(
            sum(case when is_realised then amount end) as decimal(28, 6)
        ) as realised,
        cast(count(distinct programme) as integer) as n_programs,
        cast(
            count(distinct case when not is_mapped then programme end)
            as integer
        ) as n_unmapped_here,
        bool_or(has_conflict) as has_conflict
    from yearly
    group by region_code, fiscal_year, theme, is_support
),

by_government as (
    select
        region_code,
        fiscal_year,
        cast(
            sum(case when not is_realised then amount end) as decimal(28, 6)
        ) as whole_budget,
        cast(
            sum(
                case when not is_realised and not is_support then amount end
            ) as decimal(28, 6)
        ) as programme_budget,
        cast(
            count(distinct case when not is_mapped then programme end)
            as integer
        ) as n_unmapped
    from yearly
    group by region_code, fiscal_year
)

select
    by_theme.*,
    by_government.whole_budget,
    by_government.programme_budget,
    by_government.n_unmapped,
    by_theme.n_programs + by_government.n_unmapped
    - by_theme.n_unmapped_here as n_expected
from by_theme
inner join by_government
    on
        by_theme.region_code = by_government.region_code
        and by_theme.fiscal_year = by_government.fiscal_year
