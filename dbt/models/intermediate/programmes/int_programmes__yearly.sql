-- Grain: line (claim) of the budget and of the spending that stand for a government's year:
-- the year's last full budget (amended, else enacted) and the latest word on what was spent
-- (the whole year, else the longest part of it). Each with its programme's theme.
with lines as (
    select
        *,
        stage in ('realised', 'realised_to_date') as is_realised
    from {{ ref("int_programmes__lines") }}
    where stage in ('amended', 'enacted', 'realised', 'realised_to_date')
),

themes as (
    select * from {{ ref("programme_themes") }}
),

ranked as (
    select
        lines.*,
        dense_rank() over (
            partition by region_code, fiscal_year, is_realised
            order by
                case stage
                    when 'amended' then 1
                    when 'enacted' then 2
                    when 'realised' then 3
                    else 4
                end,
                period_end desc
        ) as choice
    from lines
),

yearly as (
    select
        ranked.region_code,
        ranked.fiscal_year,
        ranked.stage,
        ranked.period_end,
        ranked.is_realised,
        coalesce(themes.theme, 'other') as theme,
        themes.theme is not null as is_mapped,
        ranked.is_support,
        ranked.program_code || ' ' || ranked.program_name as programme,
        ranked.value,
        ranked.has_conflict,
        ranked.obs_id
    from ranked
    left join themes
        on
            ranked.program_code = themes.program_code
            and ranked.program_name = themes.program_name
    where ranked.choice = 1
)

select * from yearly
