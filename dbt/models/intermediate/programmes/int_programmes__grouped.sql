-- Grain: government x year x stage x period end x programme (code and name) x agency x
-- account, budgeted and realised side by side.
with lines as (
    select * from {{ ref("int_programmes__lines") }}
),

grouped as (
    select
        region_code,
        fiscal_year,
        stage,
        period_end,
        function_code,
        program_code,
        program_name,
        agency_name,
        is_support,
        account_code,
        max(account_name) as account_name,
        cast(sum(value) as decimal(28, 6)) as amount,
        cast(count(*) as integer) as n_lines,
        bool_or(has_conflict) as has_conflict
    from lines
    group by
        region_code,
        fiscal_year,
        stage,
        period_end,
        function_code,
        program_code,
        program_name, agency_name, is_support, account_code
)

select * from grouped
