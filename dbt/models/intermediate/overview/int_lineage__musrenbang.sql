-- Grain: row x column x claim. What the figures of marts.musrenbang rest on.
with answers as (
    select
        *,
        {{ row_key(["region_code", "question_id"]) }} as row_key
    from {{ ref("int_musrenbang__answers") }}
),

mart as (
    select
        *,
        {{ row_key(["region_code", "question_id"]) }} as row_key,
        {{ row_key(["wider_region_code", "question_id"]) }} as wider_row_key
    from {{ ref("musrenbang") }}
),

questions as (
    select * from {{ ref("musrenbang_questions") }}
    where kind = 'programme'
),

lines as (
    select
        yearly.obs_id,
        {{ row_key(["yearly.region_code", "questions.question_id"]) }}
            as row_key
    from {{ ref("int_programmes__yearly") }} as yearly
    inner join questions
        on yearly.programme like questions.program_code || ' %'
    inner join answers
        on
            yearly.region_code = answers.region_code
            and questions.question_id = answers.question_id
            and cast(yearly.fiscal_year as string) = answers.period_label
    where not yearly.is_realised
),

cells as (
    select
        mart.row_key,
        answers.obs_id,
        'value' as column_name
    from mart
    inner join answers
        on mart.row_key = answers.row_key
    union all
    select
        mart.row_key,
        lines.obs_id,
        'value' as column_name
    from mart
    inner join lines
        on mart.row_key = lines.row_key
    union all
    select
        mart.row_key,
        answers.obs_id,
        'wider_value' as column_name
    from mart
    inner join answers
        on mart.wider_row_key = answers.row_key
),

lineage as (
    select
        'musrenbang' as mart,
        row_key,
        column_name,
        obs_id
    from cells
    where obs_id is not null
)

select distinct * from lineage
