-- Grain: indicator x parent or grouping x period x series version.
with indices as (
    select * from {{ ref("int_disparity__indices") }}
),

scopes as (
    select
        indicator_id,
        scope_id,
        period_label,
        series_version,
        max(parent_region_code) as parent_region_code,
        max(grouping_id) as grouping_id,
        max(period_year) as period_year,
        max(weight_year) as weight_year,
        {{ joined_texts("case when value is null then region_code end", " ") }}
            as missing_region_codes
    from {{ ref("int_disparity__members") }}
    group by indicator_id, scope_id, period_label, series_version
),

regions as (
    select * from {{ ref("dim_region") }}
    where region_code is not null
),

joined as (
    select
        indices.indicator_id,
        indices.scope_id,
        scopes.parent_region_code,
        parents.name as parent_region_name,
        scopes.grouping_id,
        indices.period_label,
        scopes.period_year,
        indices.series_version,
        row_number() over (
            partition by
                indices.indicator_id, indices.scope_id, indices.period_label
            order by indices.n_reported desc, indices.series_version
        ) = 1 as is_headline,
        case
            when indices.index_reason is null
                then {{ to_decimal("indices.williamson", 18, 6) }}
        end as williamson_index,
        case
            when indices.index_reason is null
                then cast(indices.theil as decimal(18, 6))
        end as theil_index,
        case
            when indices.index_reason is null
                then cast(indices.gini as decimal(18, 6))
        end as gini_index,
        indices.index_reason,
        case
            when indices.ratio_reason is null
                then
                    {{ to_decimal(
                        ratio("indices.highest_value", "indices.lowest_value"), 18, 6
                    ) }}
        end as max_min_ratio,
        indices.ratio_reason,
        case
            when indices.index_reason is null then indices.mean_value
        end as mean_value,
        case
            when indices.is_complete then indices.highest_value
        end as highest_value,
        case
            when indices.is_complete then indices.lowest_value
        end as lowest_value,
        case
            when indices.is_complete and scopes.grouping_id is null
                then indices.highest_unit_id
        end as highest_region_code,
        case
            when indices.is_complete and scopes.grouping_id is null
                then indices.lowest_unit_id
        end as lowest_region_code,
        case
            when indices.is_complete and scopes.grouping_id is not null
                then indices.highest_unit_id
        end as highest_group,
        case
            when indices.is_complete and scopes.grouping_id is not null
                then indices.lowest_unit_id
        end as lowest_group,
        indices.n_reported,
        indices.n_expected,
        scopes.missing_region_codes,
        scopes.weight_year
    from indices
    inner join scopes
        on
            indices.indicator_id = scopes.indicator_id
            and indices.scope_id = scopes.scope_id
            and indices.period_label = scopes.period_label
            and indices.series_version = scopes.series_version
    left join regions as parents
        on scopes.parent_region_code = parents.region_code
)

select * from joined
