-- Grain: government x year x is_realised. The stage that stands for a government's year: of the
-- budget its last full one (amended, else enacted), of the spending the latest word on it (the
-- whole year, else the longest part of it). Out of groups: lines would be sorted by the million.
with stages as (
    select distinct
        region_code,
        fiscal_year,
        stage,
        period_end,
        stage in ('realised', 'realised_to_date') as is_realised
    from {{ ref("int_programmes__grouped") }}
    where stage in ('amended', 'enacted', 'realised', 'realised_to_date')
),

ranked as (
    select
        stages.*,
        row_number() over (
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
    from stages
)

select
    region_code,
    fiscal_year,
    stage,
    period_end,
    is_realised
from ranked
where choice = 1
