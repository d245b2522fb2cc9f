-- Grain: region x year x column of marts.scorecard, where it has a value. Where the value comes
-- from (a row of another mart, or claims of its own), and whether it is printed or derived.
with unemployment as (
    select
        *,
        {{ row_key(
            ["region_code", "survey_year", "survey_month", "series_version"]
        ) }} as row_key
    from {{ ref("unemployment") }}
    where survey_month = 8 and is_for_ranking
),

cuts as (
    select
        *,
        {{ row_key(
            ["region_code", "fiscal_year", "component", "baseline", "basis"]
        ) }} as row_key
    from {{ ref("transfer_cuts") }}
    where component = 'total' and is_headline
),

own_revenues as (
    select
        *,
        {{ row_key(
            ["region_code", "fiscal_year", "account_code", "stage", "as_of_date"]
        ) }} as row_key,
        row_number() over (
            partition by region_code, fiscal_year
            order by case stage when 'enacted' then 1 else 2 end
        ) as choice
    from {{ ref("budget") }}
    where account_code = '4.1' and stage in ('enacted', 'amended')
),

employment as (
    select
        *,
        {{ row_key(["region_code", "fiscal_year", "theme", "is_support"]) }}
            as row_key
    from {{ ref("program_spend_by_theme") }}
    where theme = 'employment' and not is_support
),

spending as (
    select * from {{ ref("int_disparity__figures") }}
    where indicator_id = 'budget_expenditure_per_capita'
),

-- Regencies' poverty is measured in March; a figure of the year without a month comes next.
prosperity as (
    select
        *,
        cast(extract(year from period_start) as integer) as period_year,
        row_number() over (
            partition by
                indicator_id, region_code, extract(year from period_start)
            order by
                case
                    when period_label like '%-03' then 1
                    when period_label like '____' then 2
                    else 3
                end,
                period_label
        ) as choice
    from {{ ref("observations") }}
    where
        indicator_id in (
            'poverty_rate', 'human_development_index', 'grdp_per_capita'
        )
        and value is not null
        and stage = 'observed'
        and perimeter = 'area'
        and breakdown = 'total'
        and period_start is not null
),

cells as (
    select
        region_code,
        survey_year as year,
        'unemployment_rate_pct' as column_name,
        cast(unemployment_rate_pct as decimal(28, 6)) as value,
        is_derived,
        coalesce(conflict_kind = 'dispute', false) as is_disputed,
        'unemployment' as source_mart,
        row_key as source_row_key,
        'unemployment_rate_pct' as source_column,
        cast(null as string) as obs_id,
        cast(null as string) as second_obs_id
    from unemployment
    union all
    select
        region_code,
        survey_year as year,
        'rank_in_province' as column_name,
        cast(rank_in_province as decimal(28, 6)) as value,
        true as is_derived,
        false as is_disputed,
        'unemployment' as source_mart,
        row_key as source_row_key,
        'rank_in_province' as source_column,
        cast(null as string) as obs_id,
        cast(null as string) as second_obs_id
    from unemployment
    union all
    select
        region_code,
        fiscal_year as year,
        'transfer_cut_idr' as column_name,
        cast(cut_idr as decimal(28, 6)) as value,
        basis = 'allocations' as is_derived,
        has_conflict as is_disputed,
        'transfer_cuts' as source_mart,
        row_key as source_row_key,
        'cut_idr' as source_column,
        cast(null as string) as obs_id,
        cast(null as string) as second_obs_id
    from cuts
    union all
    select
        region_code,
        fiscal_year as year,
        'transfer_cut_per_capita_idr' as column_name,
        cast(cut_per_capita_idr as decimal(28, 6)) as value,
        true as is_derived,
        has_conflict as is_disputed,
        'transfer_cuts' as source_mart,
        row_key as source_row_key,
        'cut_per_capita_idr' as source_column,
        cast(null as string) as obs_id,
        cast(null as string) as second_obs_id
    from cuts
    union all
    select
        region_code,
        fiscal_year as year,
        'own_revenue_idr' as column_name,
        cast(budget_idr as decimal(28, 6)) as value,
        false as is_derived,
        has_conflict as is_disputed,
        'budget' as source_mart,
        row_key as source_row_key,
        'budget_idr' as source_column,
        cast(null as string) as obs_id,
        cast(null as string) as second_obs_id
    from own_revenues
    where choice = 1
    union all
    select
        region_code,
        period_year as year,
        'budget_per_capita_idr' as column_name,
        value,
        true as is_derived,
        false as is_disputed,
        cast(null as string) as source_mart,
        cast(null as string) as source_row_key,
        cast(null as string) as source_column,
        obs_id,
        second_obs_id
    from spending
    union all
    select
        region_code,
        fiscal_year as year,
        'employment_spend_per_unemployed_idr' as column_name,
        cast(budget_per_unemployed_idr as decimal(28, 6)) as value,
        true as is_derived,
        has_conflict as is_disputed,
        'program_spend_by_theme' as source_mart,
        row_key as source_row_key,
        'budget_per_unemployed_idr' as source_column,
        cast(null as string) as obs_id,
        cast(null as string) as second_obs_id
    from employment
    union all
    select
        region_code,
        period_year as year,
        case indicator_id
            when 'poverty_rate' then 'poverty_rate_pct'
            when 'human_development_index' then 'human_development_index'
            else 'grdp_per_capita_idr'
        end as column_name,
        value,
        is_derived,
        coalesce(conflict_kind = 'dispute', false) as is_disputed,
        cast(null as string) as source_mart,
        cast(null as string) as source_row_key,
        cast(null as string) as source_column,
        obs_id,
        cast(null as string) as second_obs_id
    from prosperity
    where choice = 1
)

select * from cells
where value is not null
