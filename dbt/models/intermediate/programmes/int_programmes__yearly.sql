-- Grain: line (claim) of the budget and of the spending that stand for a government's year, each
-- with its programme's theme.
with lines as (
    select * from {{ ref("int_programmes__lines") }}
),

stages as (
    select * from {{ ref("int_programmes__stages") }}
),

themes as (
    select * from {{ ref("programme_themes") }}
),

yearly as (
    select
        lines.region_code,
        lines.fiscal_year,
        lines.stage,
        lines.period_end,
        stages.is_realised,
        coalesce(themes.theme, 'other') as theme,
        themes.theme is not null as is_mapped,
        lines.is_support,
        lines.program_code || ' ' || lines.program_name as programme,
        lines.value,
        lines.has_conflict,
        lines.obs_id
    from lines
    inner join stages
        on
            lines.region_code = stages.region_code
            and lines.fiscal_year = stages.fiscal_year
            and lines.stage = stages.stage
            and lines.period_end is not distinct from stages.period_end
    left join themes
        on
            lines.program_code = themes.program_code
            and lines.program_name = themes.program_name
)

select * from yearly
