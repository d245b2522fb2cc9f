-- Grain: region x question, where there is an answer. The latest figure; of a programme, its
-- lines in the last year of which the government's lines are published.
with questions as (
    select * from {{ ref("musrenbang_questions") }}
),

observations as (
    select * from {{ ref("observations") }}
    where value is not null and stage = 'observed' and perimeter = 'area'
),

lines as (
    select
        *,
        max(fiscal_year) over (partition by region_code) as last_year
    from {{ ref("int_programmes__yearly") }}
    where not is_realised
),

observed as (
    select
        questions.question_id,
        observations.region_code,
        observations.value,
        observations.unit,
        observations.period_label,
        observations.obs_id,
        row_number() over (
            partition by questions.question_id, observations.region_code
            order by
                observations.period_end desc nulls last, observations.obs_id
        ) as recency
    from questions
    inner join observations
        on
            questions.indicator_id = observations.indicator_id
            and questions.breakdown = observations.breakdown
            and questions.category = observations.category
    where questions.kind = 'observation'
),

budgeted as (
    select
        questions.question_id,
        lines.region_code,
        cast(sum(lines.value) as decimal(28, 6)) as value,
        cast(max(lines.fiscal_year) as string) as period_label
    from questions
    inner join lines
        on
            lines.programme like questions.program_code || ' %'
            and lines.fiscal_year = lines.last_year
    where questions.kind = 'programme'
    group by questions.question_id, lines.region_code
),

answers as (
    select
        question_id,
        region_code,
        value,
        unit,
        period_label,
        obs_id
    from observed
    where recency = 1
    union all
    select
        question_id,
        region_code,
        value,
        'idr' as unit,
        period_label,
        cast(null as string) as obs_id
    from budgeted
)

select * from answers
