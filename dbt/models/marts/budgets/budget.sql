-- Grain: government x fiscal year x account x stage x as_of_date.
with compared as (
    select * from {{ ref("int_budgets__compared") }}
),

indicators as (
    select * from {{ ref("dim_indicator") }}
),

regions as (
    select * from {{ ref("dim_region") }}
),

joined as (
    select
        compared.region_code,
        regions.name as region_name,
        compared.fiscal_year,
        compared.account_code,
        coalesce(compared.account_label, indicators.name_id) as account_name,
        coalesce(compared.account_label, indicators.name_en)
            as account_name_en,
        compared.account_code not like 'L.%' as is_legal_account,
        compared.indicator_id,
        compared.perimeter,
        compared.stage,
        compared.as_of_date,
        case
            when not compared.is_realised
                then {{ to_integer("compared.amount") }}
        end as budget_idr,
        case
            when compared.is_realised
                then {{ to_integer("compared.amount") }}
        end as realised_idr,
        {{ percent_of("compared.amount", "compared.compared_amount") }}
            as absorption_pct,
        compared.absorption_reason,
        {{ to_integer("compared.compared_amount") }} as compared_budget_idr,
        compared.compared_stage,
        {{ to_integer("compared.precision") }} as precision_idr,
        compared.known_at,
        cast(compared.n_claims as integer) as n_claims,
        compared.has_conflict,
        compared.obs_id
    from compared
    inner join regions
        on compared.region_code = regions.region_code
    inner join indicators
        on compared.indicator_id = indicators.indicator_id
)

select * from joined
