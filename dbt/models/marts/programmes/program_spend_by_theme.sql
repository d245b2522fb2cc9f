-- Grain: government x fiscal year x theme x is_support.
with themes as (
    select * from {{ ref("int_programmes__themes") }}
),

labels as (
    select * from {{ ref("themes") }}
),

denominators as (
    select * from {{ ref("int_population__denominators") }}
),

unemployed as (
    select * from {{ ref("int_labour__unemployed_years") }}
),

regions as (
    select * from {{ ref("dim_region") }}
),

joined as (
    select
        themes.region_code,
        regions.name as region_name,
        themes.fiscal_year,
        themes.theme,
        labels.name_id as theme_name,
        labels.name_en as theme_name_en,
        themes.is_support,
        themes.stage,
        {{ to_integer("themes.budget") }} as budget_idr,
        {{ to_integer("themes.realised") }} as realised_idr,
        case
            when themes.realised_stage is null then 'not_published'
        end as realised_reason,
        themes.realised_stage,
        themes.realised_until,
        {{ percent_of("themes.realised", "themes.budget") }} as absorption_pct,
        {{ per_head("themes.budget", "denominators.persons") }}
            as budget_per_capita_idr,
        denominators.denominator_year,
        {{ percent_of("themes.budget", "themes.whole_budget") }}
            as share_of_budget_pct,
        case
            when not themes.is_support
                then
                    {{ percent_of("themes.budget", "themes.programme_budget") }}
        end as share_of_programmes_pct,
        themes.n_programs,
        themes.n_unmapped,
        themes.n_expected,
        themes.n_programs = themes.n_expected as is_complete,
        case
            when themes.theme = 'employment'
                then
                    {{ per_head("themes.budget", "unemployed.persons") }}
        end as budget_per_unemployed_idr,
        case
            when themes.theme = 'employment' then unemployed.unemployed_year
        end as unemployed_year,
        case
            when themes.theme <> 'employment' then 'employment_only'
            when unemployed.persons is null
                then 'no_number_of_unemployed_until_that_year'
        end as unemployed_reason,
        themes.has_conflict
    from themes
    inner join regions
        on themes.region_code = regions.region_code
    inner join labels
        on themes.theme = labels.theme
    left join denominators
        on
            themes.region_code = denominators.region_code
            and themes.fiscal_year >= denominators.denominator_year
            and themes.fiscal_year < coalesce(
                denominators.next_denominator_year, 9999
            )
    left join unemployed
        on
            themes.region_code = unemployed.region_code
            and themes.fiscal_year >= unemployed.unemployed_year
            and themes.fiscal_year < coalesce(
                unemployed.next_unemployed_year, 9999
            )
)

select * from joined
