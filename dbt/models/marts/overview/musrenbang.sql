-- Grain: region x question of a thematic Musrenbang. Each with a value or a reason.
with questions as (
    select * from {{ ref("musrenbang_questions") }}
),

answers as (
    select * from {{ ref("int_musrenbang__answers") }}
),

regions as (
    select * from {{ ref("dim_region") }}
    where region_code is not null and type <> 'country'
),

governments_with_lines as (
    select distinct region_code from {{ ref("int_programmes__yearly") }}
),

questions_with_answers as (
    select distinct question_id from answers
),

joined as (
    select
        regions.region_code,
        regions.name as region_name,
        questions.target_group,
        questions.question_id,
        questions.name_id,
        questions.name_en,
        answers.value,
        answers.unit,
        answers.period_label,
        case
            when answers.value is not null then null
            when
                questions.kind = 'programme'
                and governments_with_lines.region_code is null
                then 'programme_lines_not_published'
            when
                questions.kind = 'programme'
                then 'no_such_programme_in_the_budget'
            when questions_with_answers.question_id is null
                then 'no_public_source'
            when wider.value is not null then 'published_for_the_province_only'
            when country.value is not null
                then 'published_for_the_country_only'
            else 'not_published_for_this_region'
        end as reason,
        coalesce(wider.region_code, country.region_code) as wider_region_code,
        coalesce(wider.value, country.value) as wider_value,
        coalesce(wider.period_label, country.period_label)
            as wider_period_label,
        questions.holder_id,
        questions.holder_en,
        questions.sort_order
    from regions
    cross join questions
    left join answers
        on
            regions.region_code = answers.region_code
            and questions.question_id = answers.question_id
    left join answers as wider
        on
            regions.parent_region_code = wider.region_code
            and regions.parent_region_code <> '0000'
            and questions.question_id = wider.question_id
            and questions.kind = 'observation'
    left join answers as country
        on
            country.region_code = '0000'
            and questions.question_id = country.question_id
            and questions.kind = 'observation'
    left join governments_with_lines
        on regions.region_code = governments_with_lines.region_code
    left join questions_with_answers
        on questions.question_id = questions_with_answers.question_id
)

select * from joined
