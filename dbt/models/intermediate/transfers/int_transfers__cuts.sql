-- Grain: government x fiscal year x component x baseline x basis. Computed and reported cuts
-- side by side, and which of them leads.
with computed as (
    select * from {{ ref("int_transfers__computed_cuts") }}
),

reported as (
    select * from {{ ref("int_transfers__reported_cuts") }}
),

finest_report as (
    -- A cut within the year answers another question and doesn't compete.
    select
        region_code,
        fiscal_year,
        component,
        min(precision) as precision
    from reported
    where baseline <> 'same_year_before_cut'
    group by region_code, fiscal_year, component
),

both_ways as (
    select
        computed.region_code,
        computed.fiscal_year,
        computed.component,
        computed.baseline,
        case
            when computed.prior_amount is null then 'none' else 'allocations'
        end as basis,
        computed.amount,
        computed.amount_stage,
        computed.prior_amount,
        computed.prior_stage,
        -computed.change_amount as cut,
        case
            when computed.prior_amount is not null then computed.precision
        end as precision,
        computed.n_claims,
        computed.has_conflict,
        case
            when computed.reason is not null then computed.reason
            when computed.precision > finest_report.precision
                then 'coarser_than_report'
        end as reason,
        computed.amount_obs_id,
        computed.prior_obs_id,
        cast(null as string) as cut_obs_id,
        cast(null as date) as known_at
    from computed
    left join finest_report
        on
            computed.region_code = finest_report.region_code
            and computed.fiscal_year = finest_report.fiscal_year
            and computed.component = finest_report.component
    union all
    select
        region_code,
        fiscal_year,
        component,
        baseline,
        'reported' as basis,
        cast(null as decimal(28, 6)) as amount,
        cast(null as string) as amount_stage,
        cast(null as decimal(28, 6)) as prior_amount,
        cast(null as string) as prior_stage,
        value as cut,
        precision,
        n_claims,
        has_conflict,
        cast(null as string) as reason,
        cast(null as string) as amount_obs_id,
        cast(null as string) as prior_obs_id,
        obs_id as cut_obs_id,
        known_at
    from reported
),

ranked as (
    select
        both_ways.*,
        row_number() over (
            partition by region_code, fiscal_year, component
            order by
                case when cut is not null and reason is null then 0 else 1 end,
                case basis when 'allocations' then 0 else 1 end,
                case baseline
                    when 'prior_year' then 0
                    when 'unclear' then 1
                    when 'projection' then 2
                    else 3
                end,
                known_at desc,
                cut_obs_id
        ) = 1
        and cut is not null
        and reason is null as is_headline
    from both_ways
)

select * from ranked
