-- Grain: region x survey round x series version.
with rates as (
    select * from {{ ref("int_labour__changes") }}
    where breakdown = 'total'
),

levels as (
    select * from {{ ref("int_labour__levels") }}
),

ranks as (
    select * from {{ ref("int_labour__ranks") }}
),

country_ranks as (
    select * from {{ ref("int_labour__country_ranks") }}
),

benchmarks as (
    select * from {{ ref("int_labour__benchmarks") }}
),

regions as (
    select * from {{ ref("dim_region") }}
),

joined as (
    select
        rates.region_code,
        regions.name as region_name,
        regions.type as region_type,
        regions.parent_region_code,
        cast(extract(year from rates.survey_month_start) as integer)
            as survey_year,
        cast(extract(month from rates.survey_month_start) as integer)
            as survey_month,
        rates.series_version,
        rates.is_headline,
        cast(rates.unemployment_rate_pct as decimal(9, 4))
            as unemployment_rate_pct,
        cast(rates.change_pp as decimal(9, 4)) as change_pp,
        {{ to_integer("levels.labour_force") }} as labour_force_persons,
        {{ to_integer("levels.employed") }} as employed_persons,
        {{ to_integer("levels.unemployed") }} as unemployed_persons,
        cast(levels.participation_rate as decimal(9, 4))
            as participation_rate_pct,
        levels.levels_series_version,
        cast(
            rates.unemployment_rate_pct - province.target_rate_pct
            as decimal(9, 4)
        ) as gap_to_province_pp,
        cast(
            rates.unemployment_rate_pct - country.target_rate_pct
            as decimal(9, 4)
        ) as gap_to_national_pp,
        ranks.rank_in_province,
        ranks.n_ranked,
        ranks.n_expected,
        country_ranks.rank_in_country,
        country_ranks.n_ranked_in_country,
        country_ranks.n_expected_in_country,
        cast(rates.standard_error as decimal(9, 4)) as standard_error_pp,
        rates.change_is_significant,
        rates.is_derived,
        rates.formula_id,
        rates.has_conflict,
        rates.conflict_kind,
        rates.obs_id,
        -- The version on which most regencies of the province stand side by side.
        row_number() over (
            partition by rates.region_code, rates.survey_month_start
            order by
                ranks.n_ranked desc nulls last,
                rates.is_headline desc,
                rates.series_version asc
        ) = 1 as is_for_ranking
    from rates
    inner join regions
        on rates.region_code = regions.region_code
    left join levels
        on
            rates.region_code = levels.region_code
            and rates.survey_month_start = levels.survey_month_start
            and rates.series_version = levels.series_version
    left join ranks
        on
            rates.region_code = ranks.region_code
            and rates.survey_month_start = ranks.survey_month_start
            and rates.series_version = ranks.series_version
    left join country_ranks
        on
            rates.region_code = country_ranks.region_code
            and rates.survey_month_start = country_ranks.survey_month_start
            and rates.weights_group = country_ranks.weights_group
            -- Another version's rate is not the one that was placed.
            and rates.unemployment_rate_pct
            = country_ranks.unemployment_rate_pct
    left join benchmarks as province
        on
            rates.region_code = province.region_code
            and rates.survey_month_start = province.survey_month_start
            and rates.series_version = province.series_version
            and province.level = 'province'
    left join benchmarks as country
        on
            rates.region_code = country.region_code
            and rates.survey_month_start = country.survey_month_start
            and rates.series_version = country.series_version
            and country.level = 'country'
)

select * from joined
