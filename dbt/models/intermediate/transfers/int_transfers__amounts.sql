-- Grain: government x fiscal year x component x stage x series version. What the centre gives, or means to
-- give, to one government in a whole year. A sum over governments (the country's own line
-- excepted) and a part of a component are other figures and stay out, as does money that
-- was paid: a cut is about what was granted.
with claims as (
    select * from {{ ref("int_claims__classified") }}
    where
        is_figure_headline
        and value is not null
        and unit = 'idr'
        and breakdown = 'total'
        and indicator_id like 'transfer_%'
        and indicator_id not like 'transfer_cut_%'
        and stage not in ('realised', 'realised_to_date', 'observed')
        and extract(month from period_start) = 1
        and extract(month from period_end) = 12
        and extract(year from period_start) = extract(year from period_end)
),

amounts as (
    select
        region_code,
        stage,
        series_version,
        value,
        precision,
        obs_id,
        n_claims,
        has_conflict,
        cast(extract(year from period_start) as integer) as fiscal_year,
        substr(indicator_id, 10) as component,
        -- How far along a government's budget year a figure stands; the first of two that
        -- both years have is compared.
        case stage
            when 'allocation' then 1
            when 'enacted' then 2
            when 'amended' then 3
            when 'approved' then 4
            when 'draft' then 5
            when 'plan' then 6
            when 'outlook' then 7
            when 'projection' then 8
            when 'reported_claim' then 9
            else 10
        end as stage_order,
        row_number() over (
            partition by
                region_code,
                extract(year from period_start),
                indicator_id,
                stage,
                series_version
            order by known_at desc, precision asc nulls last, obs_id
        ) as choice
    from claims
    where
        (region_code = '0000' and perimeter = 'all_governments')
        or (region_code <> '0000' and perimeter = 'own_government')
)

select
    region_code,
    fiscal_year,
    component,
    stage,
    series_version,
    value,
    precision,
    obs_id,
    n_claims,
    has_conflict,
    stage_order
from amounts
where choice = 1
