-- Grain: government x fiscal year x kind x category, one claim each. Money that religious
-- charity raised in a year (the whole year, else the longest part of it; a target is no money
-- and a potential is no receipt), and what offices said a named programme needs.
with claims as (
    select
        *,
        case
            when
                indicator_id = 'zakat_receipts_baznas'
                and stage in ('realised', 'realised_to_date')
                then 'philanthropy'
            when
                indicator_id = 'named_programme_need'
                and stage = 'reported_claim'
                then 'stated_need'
        end as kind
    from {{ ref("int_claims__classified") }}
    where
        is_headline
        and value is not null
        and unit = 'idr'
        and perimeter = 'area'
        and period_start is not null
),

ranked as (
    select
        region_code,
        cast(extract(year from period_start) as integer) as fiscal_year,
        kind,
        category,
        stage,
        value,
        obs_id,
        row_number() over (
            partition by
                region_code,
                extract(year from period_start),
                kind,
                category
            order by
                case stage when 'realised' then 1 else 2 end,
                period_end desc nulls last,
                obs_id
        ) as choice
    from claims
    where kind is not null
)

select
    region_code,
    fiscal_year,
    kind,
    category,
    stage,
    value,
    obs_id
from ranked
where choice = 1
