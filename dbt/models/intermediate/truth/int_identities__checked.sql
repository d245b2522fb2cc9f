-- Grain: identity x scope x key. Every identity whose terms are all published, with its
-- residual and the tolerance that the stated precision of its figures leaves.
{% set key = [
    "scope", "scope_id", "region_code", "period_start", "period_end",
    "period_label", "stage", "perimeter", "baseline", "breakdown", "category",
    "series_version",
] -%}
with identities as (
    select * from {{ ref("accounting_identities") }}
),

terms as (
    select * from {{ ref("accounting_identity_terms") }}
),

required as (
    select
        identity_id,
        count(case when is_required then 1 end) as n_required,
        count(*) as n_terms
    from terms
    group by identity_id
),

figures as (
    select * from {{ ref("int_identities__figures") }}
),

gathered as (
    select
        terms.identity_id,
        {%- for column in key %}
            figures.{{ column }},
        {%- endfor %}
        count(case when terms.is_required then 1 end) as n_found,
        count(*) as n_terms_found,
        count(distinct figures.source_id) as n_sources,
        max(case when terms.side = 'total' then figures.unit end) as unit,
        {%- for side in ["total", "part", "numerator", "denominator"] %}
            sum(
                case when terms.side = '{{ side }}' then figures.value end
            ) as {{ side }}_value,
            sum(
                case
                    when terms.side = '{{ side }}' then figures.corrected_value
                end
            ) as {{ side }}_corrected,
            {{ ratio(
                "coalesce(sum(case when terms.side = '" ~ side
                ~ "' then figures.precision end), 0)", "2"
            ) }} as {{ side }}_tolerance,
        {%- endfor %}
        min(figures.correction_id) as correction_id,
        {{ joined_ids("figures.obs_id") }} as evidence_obs_ids
    from figures
    inner join terms
        on figures.indicator_id = terms.indicator_id
    group by
        {%- for column in key %}
            figures.{{ column }},
        {%- endfor %}
        terms.identity_id
),

complete as (
    select
        gathered.*,
        identities.kind,
        gathered.n_terms_found < required.n_terms as lacks_optional_part
    from gathered
    inner join required
        on
            gathered.identity_id = required.identity_id
            and gathered.n_found = required.n_required
    inner join identities
        on gathered.identity_id = identities.identity_id
    -- The headlines of one single source are that source again.
    where gathered.scope = 'one_source' or gathered.n_sources > 1
),

computed as (
    select
        complete.*,
        {%- for side in ["value", "corrected"] %}
            {% set computed -%}
                case
                    when kind = 'sum' then part_{{ side }}
                    else
                        100 * cast(numerator_{{ side }} as double)
                        / nullif(cast(denominator_{{ side }} as double), 0)
                end
            {%- endset -%}
            {{ to_decimal(computed, 28, 6) }} as computed_{{ side }},
        {%- endfor %}
        {% set tolerance -%}
            total_tolerance + case
                when kind = 'sum' then part_tolerance
                else
                    100 * (
                        cast(numerator_tolerance as double)
                        + cast(numerator_value as double)
                        * cast(denominator_tolerance as double)
                        / nullif(cast(denominator_value as double), 0)
                    ) / nullif(cast(denominator_value as double), 0)
            end
        {%- endset -%}
        {{ to_decimal(tolerance, 28, 6) }} as tolerance
    from complete
),

checked as (
    select
        {{ hash_of(["identity_id"] + key) }} as check_id,
        identity_id,
        kind,
        {%- for column in key %}
            {{ column }},
        {%- endfor %}
        unit,
        cast(total_value as decimal(28, 6)) as stated_value,
        computed_value,
        cast(total_value - computed_value as decimal(28, 6)) as residual,
        tolerance,
        {{ closes("total_value - computed_value") }} as closes,
        {{ closes("total_corrected - computed_corrected") }}
            as closes_after_correction,
        correction_id,
        cast(n_sources as integer) as n_sources,
        evidence_obs_ids
    from computed
)

select * from checked
