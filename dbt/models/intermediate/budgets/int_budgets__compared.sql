-- Grain: as int_budgets__amounts. Beside what was spent or received stands the same year's
-- full budget that it is held against: the amended one, else the enacted one, else what the
-- centre allocated, else a whole-year amount whose stage nobody states. A bill, a draft or a
-- plan is no budget. What the centre paid in a part of the year follows its calendar of
-- payments, so it is never held against an allocation.
with amounts as (
    select * from {{ ref("int_budgets__amounts") }}
),

full_budgets as (
    select
        region_code,
        fiscal_year,
        account_code,
        stage,
        amount,
        obs_id,
        row_number() over (
            partition by region_code, fiscal_year, account_code
            order by
                case stage
                    when 'amended' then 1
                    when 'enacted' then 2
                    when 'allocation' then 3
                    else 4
                end,
                obs_id
        ) as choice
    from amounts
    where
        stage in ('amended', 'enacted', 'allocation', 'unspecified')
        and is_whole_year
),

matched as (
    select
        amounts.*,
        full_budgets.stage as candidate_stage,
        full_budgets.amount as candidate_amount,
        full_budgets.obs_id as candidate_obs_id,
        amounts.is_realised
        and full_budgets.obs_id is not null
        and not (
            amounts.stage = 'realised_to_date'
            and full_budgets.stage = 'allocation'
        ) as is_comparable
    from amounts
    left join full_budgets
        on
            amounts.region_code = full_budgets.region_code
            and amounts.fiscal_year = full_budgets.fiscal_year
            and amounts.account_code = full_budgets.account_code
            and full_budgets.choice = 1
),

compared as (
    select
        matched.*,
        case when is_comparable then candidate_stage end as compared_stage,
        case when is_comparable then candidate_amount end as compared_amount,
        case when is_comparable then candidate_obs_id end as compared_obs_id,
        case
            when not is_realised then 'not_a_realisation'
            when candidate_obs_id is null then 'no_full_budget_known'
            when not is_comparable then 'part_of_year_against_allocation'
            when candidate_amount = 0 then 'budget_is_zero'
        end as absorption_reason
    from matched
)

select * from compared
