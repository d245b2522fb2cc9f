-- Grain: statement_id. The verdict is computed here from the figures of this release; nobody
-- types one in.
with measured as (
    select * from {{ ref("int_statements__measured") }}
),

sources as (
    select
        source_url,
        min(source_id) as source_id
    from {{ ref("observation_history") }}
    group by source_url
),

-- What stands in the way of any verdict, the gravest first.
hindered as (
    select
        measured.*,
        case
            when found_value is null then 'no_figure'
            when is_claim_only then 'claims_only'
            when test = 'direction' and is_sample_survey and is_other_month
                then 'rounds_differ'
            when test = 'direction' and is_sample_survey and is_other_series
                then 'series_differ'
            when
                test in ('direction', 'threshold')
                and is_sample_survey
                and variance is null
                then 'no_standard_error'
            when
                test = 'direction'
                and is_sample_survey
                and found_value * found_value < 1.96 * 1.96 * variance
                then 'within_sampling_error'
            when test = 'direction' and abs(found_value) <= tolerance
                then 'within_rounding'
            when
                test = 'threshold'
                and abs(found_value - stated_value) <= tolerance
                then 'within_rounding'
        end as reason,
        case test
            when 'direction' then (found_value > 0) = (expected = 'up')
            when
                'threshold'
                then (found_value > stated_value) = (expected = 'above')
            -- A statement cuts digits off as often as it rounds: one whole step.
            else
                abs(found_value - stated_value)
                <= tolerance + stated_precision
        end as is_true
    from measured
),

judged as (
    select
        hindered.statement_id,
        sources.source_id,
        hindered.source_name,
        hindered.source_url,
        hindered.said_at,
        hindered.said_at_basis,
        hindered.claimant,
        hindered.statement,
        hindered.statement_en,
        hindered.test,
        hindered.stated_value,
        hindered.found_value,
        hindered.tolerance,
        hindered.unit,
        case
            when hindered.reason is not null then 'not_testable'
            when hindered.is_true then 'supported'
            else 'contradicted'
        end as verdict,
        hindered.reason,
        hindered.explanation_id,
        hindered.explanation_en,
        hindered.n_evidence,
        hindered.n_sources,
        hindered.evidence_obs_ids
    from hindered
    left join sources
        on hindered.source_url = sources.source_url
)

select * from judged
