-- Grain: obs_id. Every claim that was ever read, with the days it was seen.
with known as (
    select * from {{ ref("int_claims__known") }}
),

classified as (
    select * from {{ ref("int_claims__classified") }}
),

{%- set judged = ["has_conflict", "conflict_kind", "n_claims"] + (claim_counts() | map("first") | list) %}

history as (
    select
        {%- for column in observation_columns() %}
        {%- if column == "has_conflict" %}
        coalesce(classified.has_conflict, false) as has_conflict,
        {%- elif column == "conflict_kind" %}
        classified.conflict_kind,
        {%- elif column in judged %}
        coalesce(classified.{{ column }}, 0) as {{ column }},
        {%- else %}
        known.{{ column }},
        {%- endif %}
        {%- endfor %}
        known.claim_id,
        known.publisher,
        cast(known.provenance_rank as integer) as provenance_rank,
        cast(known.series_rank as integer) as series_rank,
        known.first_seen_at,
        known.last_seen_at,
        known.withdrawn_at,
        known.is_current,
        coalesce(classified.relation, 'withdrawn') as relation,
        coalesce(classified.is_figure_headline, false) as is_figure_headline,
        coalesce(classified.is_headline, false) as is_headline
    from known
    left join classified
        on known.obs_id = classified.obs_id
)

select * from history
