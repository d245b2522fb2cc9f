-- Grain: figure of a civic or service indicator (key within one series version). Look-alikes
-- are told apart by comparison_series: only rows that share it may be compared.
with claims as (
    select * from {{ ref("observation_history") }}
),

wanted as (
    select * from {{ ref("civic_indicators_wanted") }}
),

figures as (
    select
        claims.*,
        wanted.theme,
        wanted.agency,
        wanted.template_dataset,
        concat_ws(
            '/',
            claims.indicator_id,
            claims.breakdown,
            claims.category,
            claims.stage,
            case wanted.comparison_basis
                when 'version' then nullif(claims.series_version, '')
                when 'survey'
                    then
                        nullif({{ series_family("claims.series_version") }}, '')
                when 'month'
                    then
                        case
                            when claims.period_label like '%-03' then 'march'
                            when
                                claims.period_label like '%-09'
                                then 'september'
                            else 'month_not_stated'
                        end
            end
        ) as comparison_series
    from claims
    inner join wanted
        on claims.indicator_id = wanted.indicator_id
    where
        {{ is_standing("claims") }}
        and claims.is_figure_headline
)

select * from figures
