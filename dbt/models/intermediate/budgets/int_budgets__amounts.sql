-- Grain: government x fiscal year x account x stage x as_of_date. One amount of a government's
-- budget or of its execution, as the headline of its key says it. Sums over governments stay
-- out, and so does an amount of no stated year. A line of the DJPK portal that has no indicator
-- of its own is an account under the portal's label.
with claims as (
    select * from {{ ref("int_claims__classified") }}
    where
        is_headline
        and value is not null
        and unit = 'idr'
        and (breakdown = 'total' or indicator_id = 'budget_account')
        and period_kind in ('flow', 'cumulative', 'stock')
        and period_start is not null
),

accounts as (
    select * from {{ ref("budget_accounts") }}
    where account_code is not null
),

amounts as (
    select
        claims.region_code,
        cast(extract(year from claims.period_start) as integer) as fiscal_year,
        case
            when accounts.indicator_id = 'budget_account'
                then concat(accounts.account_code, ' ', claims.category)
            else accounts.account_code
        end as account_code,
        case
            when accounts.indicator_id = 'budget_account' then claims.category
        end as account_label,
        accounts.indicator_id,
        accounts.perimeter,
        claims.stage,
        claims.period_end as as_of_date,
        claims.stage in ('realised', 'realised_to_date') as is_realised,
        claims.period_kind = 'flow' as is_whole_year,
        claims.value as amount,
        claims.precision,
        claims.known_at,
        claims.n_claims,
        claims.has_conflict,
        claims.obs_id
    from claims
    inner join accounts
        on
            claims.indicator_id = accounts.indicator_id
            and claims.perimeter = accounts.perimeter
    where
        claims.period_end is null
        or extract(year from claims.period_end)
        = extract(year from claims.period_start)
)

select * from amounts
