-- Grain: statement. Both sides of its test as the warehouse has them, with what may be wrong
-- with them. Parts of one side are added up; a missing part leaves the side empty.
with statements as (
    select * from {{ ref("public_statements") }}
),

evidence as (
    select * from {{ ref("int_statements__evidence") }}
),

sides as (
    select
        statement_id,
        side in ('later', 'numerator') as is_first,
        case
            when count(*) = count(value) then sum(value)
        end as value,
        {{ ratio("sum(coalesce(precision, 0))", "2") }} as tolerance,
        case
            when
                count(*) = count(standard_error)
                then sum(standard_error * standard_error)
        end as variance,
        min({{ series_family("series_version") }}) as series_family,
        min(period_month) as period_month
    from evidence
    where choice = 1
    group by statement_id, side in ('later', 'numerator')
),

gathered as (
    select
        statement_id,
        cast(
            count(distinct obs_id) as integer
        ) as n_evidence,
        {{ joined_ids("obs_id") }} as evidence_obs_ids,
        cast(count(distinct source_url) as integer) as n_sources,
        bool_and(stage = 'reported_claim') as is_claim_only
    from evidence
    group by statement_id
),

paired as (
    select
        statements.*,
        firsts.value as first_value,
        seconds.value as second_value,
        seconds.statement_id is not null as has_second,
        coalesce(firsts.tolerance, 0) as first_tolerance,
        coalesce(seconds.tolerance, 0) as second_tolerance,
        firsts.variance + seconds.variance as variance,
        firsts.period_month <> seconds.period_month as is_other_month,
        coalesce(firsts.series_family <> seconds.series_family, false)
            as is_other_series,
        coalesce(gathered.n_evidence, 0) as n_evidence,
        gathered.evidence_obs_ids,
        coalesce(gathered.n_sources, 0) as n_sources,
        coalesce(gathered.is_claim_only, false) as is_claim_only
    from statements
    left join sides as firsts
        on statements.statement_id = firsts.statement_id and firsts.is_first
    left join sides as seconds
        on
            statements.statement_id = seconds.statement_id
            and not seconds.is_first
    left join gathered
        on statements.statement_id = gathered.statement_id
),

measured as (
    select
        *,
        {% set found -%}
            case
                when has_second and second_value is null then null
                when test = 'ratio'
                    then
                        100 * cast(first_value as double)
                        / nullif(cast(second_value as double), 0)
                when has_second then first_value - second_value
                else first_value
            end
        {%- endset -%}
        {{ to_decimal(found, 28, 6) }} as found_value,
        {% set tolerance -%}
            case
                when test = 'ratio'
                    then
                        100 * (
                            cast(first_tolerance as double)
                            + cast(first_value as double)
                            * cast(second_tolerance as double)
                            / nullif(cast(second_value as double), 0)
                        ) / nullif(cast(second_value as double), 0)
                when first_value is null then null
                when has_second and second_value is null then null
                else first_tolerance + second_tolerance
            end
        {%- endset -%}
        {{ to_decimal(tolerance, 28, 6) }} as tolerance
    from paired
)

select * from measured
