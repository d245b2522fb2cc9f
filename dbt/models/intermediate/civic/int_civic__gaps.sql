-- Grain: wanted indicator x region of Banten without a figure. Who would have it, and why it
-- is not here.
with wanted as (
    select * from {{ ref("civic_indicators_wanted") }}
),

-- The regions whose people asked: the province and its eight. More follow with their seed.
regions as (
    select * from {{ ref("dim_region") }}
    where
        region_code = '3600'
        or (parent_region_code = '3600' and type in ('kabupaten', 'kota'))
),

found as (
    select distinct
        indicator_id,
        region_code
    from {{ ref("int_civic__figures") }}
),

indicators as (
    select * from {{ ref("dim_indicator") }}
),

gaps as (
    select
        wanted.indicator_id,
        regions.region_code,
        wanted.theme,
        coalesce(indicators.unit, nullif(wanted.unit, '')) as unit,
        wanted.agency,
        wanted.template_dataset,
        wanted.reason,
        wanted.reason_id,
        wanted.reason_en
    from wanted
    inner join regions
        on
            wanted.scope = 'every'
            or (wanted.scope = 'province' and regions.type = 'province')
            or (
                wanted.scope = 'regencies'
                and regions.type in ('kabupaten', 'kota')
            )
            or (wanted.scope = 'kabupaten' and regions.type = 'kabupaten')
    left join indicators
        on wanted.indicator_id = indicators.indicator_id
    left join found
        on
            wanted.indicator_id = found.indicator_id
            and regions.region_code = found.region_code
    where found.indicator_id is null
)

select * from gaps
