-- Grain: government x fiscal year x component x baseline. The cut as somebody reported it:
-- the headline of its claims, and whether they agree.
with claims as (
    select * from {{ ref("int_transfers__claims") }}
),

ranked as (
    select
        claims.*,
        row_number() over (
            partition by region_code, fiscal_year, component, baseline
            order by
                is_headline desc,
                case perimeter when 'own_government' then 0 else 1 end,
                known_at desc,
                precision asc nulls last,
                obs_id
        ) as choice,
        count(*) over (
            partition by region_code, fiscal_year, component, baseline
        ) as n_claims,
        bool_or(has_conflict) over (
            partition by region_code, fiscal_year, component, baseline
        ) as any_conflict
    from claims
)

select
    region_code,
    fiscal_year,
    component,
    baseline,
    stage,
    perimeter,
    value,
    precision,
    known_at,
    n_claims,
    any_conflict as has_conflict,
    obs_id
from ranked
where choice = 1
