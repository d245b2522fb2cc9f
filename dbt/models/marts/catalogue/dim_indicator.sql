-- Grain: indicator_id. What each indicator means, in two languages; those that people ask for
-- and nobody publishes too.
with indicators as (
    select * from {{ ref("stg_ingest__indicators") }}
),

wanted as (
    select * from {{ ref("civic_indicators_wanted") }}
    where name_id is not null
),

unpublished as (
    select
        wanted.indicator_id,
        wanted.name_id,
        wanted.name_en,
        wanted.definition_id,
        wanted.definition_en,
        wanted.unit,
        wanted.theme,
        wanted.direction,
        'irregular' as cadence,
        cast(null as string) as licence,
        cast(null as decimal(28, 6)) as minimum,
        cast(null as decimal(28, 6)) as maximum
    from wanted
    left join indicators
        on wanted.indicator_id = indicators.indicator_id
    where indicators.indicator_id is null
),

every_indicator as (
    select
        indicator_id,
        name_id,
        name_en,
        definition_id,
        definition_en,
        unit,
        theme,
        direction,
        cadence,
        licence,
        minimum,
        maximum
    from indicators
    union all
    select * from unpublished
)

select * from every_indicator
