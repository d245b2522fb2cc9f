{#
marts.observations_as_of(day): the observations as they were known on a day. Claims with a
publication date count from it; undated ones from the day they were first seen until the day
their source replaced them. The tables are named by schema only, so a reader of an attached
file says `use warehouse;` first.
#}
{% macro create_observations_as_of() -%}
    {%- if execute and flags.WHICH in ("build", "run") -%}
        {%- set history = adapter.get_relation(target.database, "marts", "observation_history") -%}
        {%- if history is not none -%}
            {{ adapter.dispatch("observations_as_of_ddl")() }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro default__observations_as_of_ddl() -%}
{#- From the contract, not from the table: a query in a hook leaves its transaction uncommitted. -#}
{%- set history = graph.nodes["model.lumbung.observation_history"].columns -%}
create or replace macro marts.observations_as_of(as_of_date) as table (
    {{ observations_as_of_query("cast(as_of_date as date)", history) }}
)
{%- endmacro %}

{#
`history` names the columns of observation_history. They are named one by one: PostgreSQL serves
this very query to its readers and has no `* exclude`.
#}
{% macro observations_as_of_query(as_of_date, history) -%}
{%- set judged = ["relation", "is_figure_headline", "is_headline", "n_claims", "has_conflict",
    "conflict_kind"] + (claim_counts() | map("first") | list) -%}
{%- set declared = ["correction_role", "correction_id", "correction_reason"] -%}
with claims as (
    select
        {%- for name in history | reject("in", judged) %}
        {%- if name in declared %}
        -- Before it was declared, nobody knew of a misprint, a doubt or a withdrawal.
        case
            when
                history.correction_kind = 'label'
                or history.corrected_on <= {{ as_of_date }}
                then history.{{ name }}
        end as {{ name }}
        {%- else %}
        history.{{ name }}
        {%- endif -%}
        {{ "," if not loop.last }}
        {%- endfor %}
    from marts.observation_history as history
    where
        known_at <= {{ as_of_date }}
        and (
            is_current
            or (known_at_basis = 'first_seen' and withdrawn_at > {{ as_of_date }})
        )
        and not (
            {{ is_displaced("history") }}
            and (correction_kind = 'label' or corrected_on <= {{ as_of_date }})
        )
),

{{ classified_claims("claims") }}

select {{ observation_columns() | join(", ") }}
from classified_claims
where is_headline
{%- endmacro %}
