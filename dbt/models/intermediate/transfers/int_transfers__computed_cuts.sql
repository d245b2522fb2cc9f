-- Grain: government x fiscal year x component x baseline (prior_year, projection). The
-- difference of two amounts. Usable as a headline only where both are of one known stage;
-- otherwise it stands beside, with the reason.
with amounts as (
    select * from {{ ref("int_transfers__amounts") }}
),

granted as (
    select * from amounts
    where stage not in ('projection', 'outlook')
),

candidates as (
    select
        granted.region_code,
        granted.fiscal_year,
        granted.component,
        'prior_year' as baseline,
        granted.value as amount,
        granted.stage as amount_stage,
        granted.precision as amount_precision,
        granted.obs_id as amount_obs_id,
        granted.n_claims,
        granted.has_conflict or coalesce(year_before.has_conflict, false)
            as has_conflict,
        year_before.value as prior_amount,
        year_before.stage as prior_stage,
        year_before.precision as prior_precision,
        year_before.obs_id as prior_obs_id,
        case
            when year_before.obs_id is null then 'no_prior_year'
            when
                granted.stage <> year_before.stage
                or granted.series_version <> year_before.series_version
                then 'stages_differ'
            when granted.stage = 'unspecified' then 'stage_unspecified'
            when granted.stage = 'reported_claim' then 'amounts_are_claims'
        end as reason,
        granted.stage_order,
        year_before.stage_order as prior_stage_order
    from granted
    left join granted as year_before
        on
            granted.region_code = year_before.region_code
            and granted.component = year_before.component
            and granted.fiscal_year = year_before.fiscal_year + 1
    union all
    select
        granted.region_code,
        granted.fiscal_year,
        granted.component,
        'projection' as baseline,
        granted.value as amount,
        granted.stage as amount_stage,
        granted.precision as amount_precision,
        granted.obs_id as amount_obs_id,
        granted.n_claims,
        granted.has_conflict or projected.has_conflict as has_conflict,
        projected.value as prior_amount,
        projected.stage as prior_stage,
        projected.precision as prior_precision,
        projected.obs_id as prior_obs_id,
        'compared_with_projection' as reason,
        granted.stage_order,
        projected.stage_order as prior_stage_order
    from granted
    inner join amounts as projected
        on
            granted.region_code = projected.region_code
            and granted.component = projected.component
            and granted.fiscal_year = projected.fiscal_year
    where projected.stage = 'projection'
),

ranked as (
    select
        candidates.*,
        row_number() over (
            partition by region_code, fiscal_year, component, baseline
            order by
                case when reason is null then 0 else 1 end,
                case when prior_amount is null then 1 else 0 end,
                stage_order,
                prior_stage_order
        ) as choice
    from candidates
)

select
    region_code,
    fiscal_year,
    component,
    baseline,
    amount,
    amount_stage,
    amount_obs_id,
    prior_amount,
    prior_stage,
    prior_obs_id,
    amount - prior_amount as change_amount,
    greatest(amount_precision, prior_precision) as precision,
    n_claims,
    has_conflict,
    reason
from ranked
where choice = 1
