-- Grain: printed budget line (government x year x stage x programme as printed x account).
-- Names that differ only by white space are one programme; a code that names two is two.
with claims as (
    select * from {{ ref("int_claims__classified") }}
    where
        is_headline
        and indicator_id = 'programme_budget'
        and breakdown = 'programme_account'
        and perimeter = 'own_government'
        and period_start is not null
),

read_out as (
    select
        region_code,
        cast(extract(year from period_start) as integer) as fiscal_year,
        stage,
        period_end,
        {{ json_text("attributes", "program_code") }} as program_code,
        {{ squeezed(json_text("attributes", "program_name")) }}
            as program_name,
        {{ json_text("attributes", "account_code") }} as account_code,
        {{ squeezed(json_text("attributes", "account_name")) }}
            as account_name,
        {{ json_text("attributes", "agency_name") }} as agency_name,
        value,
        has_conflict,
        obs_id
    from claims
),

lines as (
    select
        read_out.*,
        substr(program_code, 1, 4) as function_code,
        program_code like 'X.XX%' as is_support
    from read_out
)

select * from lines
