{#
The rules of "one key, many claims", written once. The models and the `observations_as_of`
macro both expand `classified_claims`, so that today's headline and that of any past day
cannot drift apart.
#}

{# The parts of a figure's key. Two claims are about the same thing where all of them agree. #}
{% macro key_columns() -%}
    {{ return([
        "indicator_id", "region_code", "period_start", "period_end", "period_label", "stage",
        "perimeter", "baseline", "breakdown", "category",
    ]) }}
{%- endmacro %}

{# A hash that is the same on every machine and engine. NULL and '' hash alike, on purpose. #}
{% macro hash_of(columns, prefix="") -%}
    md5(concat_ws('|'
        {%- for column in columns %}, coalesce(cast({{ prefix }}{{ column }} as string), ''){% endfor -%}
    ))
{%- endmacro %}

{#
What a declared correction makes of a claim (docs/corrections.md). A displaced one is out of the
count: its label was wrong, or it was withdrawn. A known misprint stays in its figure as one,
and never leads it. A doubted one keeps its value and makes no dispute.
#}
{% macro is_displaced(claim) -%}
    (
        coalesce({{ claim }}.correction_role, '') = 'uncorrected'
        and coalesce({{ claim }}.correction_kind, '') in ('label', 'withdrawal')
    )
{%- endmacro %}

{% macro is_known_misprint(claim) -%}
    (
        coalesce({{ claim }}.correction_role, '') = 'uncorrected'
        and coalesce({{ claim }}.correction_kind, '') = 'misprint'
    )
{%- endmacro %}

{# What a misprint should have read is no claim beside it: nobody made it. #}
{% macro is_nobodys(claim) -%}
    (
        coalesce({{ claim }}.correction_role, '') = 'corrected'
        and coalesce({{ claim }}.correction_kind, '') = 'misprint'
    )
{%- endmacro %}

{% macro is_doubted(claim) -%}
    (coalesce({{ claim }}.correction_role, '') = 'doubted')
{%- endmacro %}

{# Both values as printed may stand for the same number: half a step of the coarser one. #}
{% macro agrees(a, b) -%}
    2 * abs({{ a }}.value - {{ b }}.value) <= {{ coarser_precision(a, b) }}
{%- endmacro %}

{# They differ in the last digit only, as rounding a rounded figure does. #}
{% macro differs_in_last_digit(a, b) -%}
    abs({{ a }}.value - {{ b }}.value) <= {{ coarser_precision(a, b) }}
{%- endmacro %}

{% macro coarser_precision(a, b) -%}
    greatest(coalesce({{ a }}.precision, 0), coalesce({{ b }}.precision, 0))
{%- endmacro %}

{#
A publisher's later dated word replaces its earlier one where the values differ, unless it
comes to us over a worse road: a newspaper's misprint does not revise the office's own table.
#}
{% macro supersedes(newer, older) -%}
    {{ newer }}.figure_id = {{ older }}.figure_id
        and {{ newer }}.publisher = {{ older }}.publisher
        and {{ newer }}.published_at > {{ older }}.published_at
        and {{ newer }}.provenance_rank <= {{ older }}.provenance_rank
        and not ({{ agrees(newer, older) }})
        and not {{ is_known_misprint(newer) }}
{%- endmacro %}

{#
The headline rule: provenance tier, newest series version, latest known, finest precision;
obs_id last, so that ties fall the same way everywhere. A declared misprint, a superseded value
and a printed "missing" stand behind everything else; a corrected claim is as late as the claim
it corrects. Below the primary tier a dated claim goes before an
undated one: the day we first saw a copy says nothing about its age
(docs/decisions/0012-dated-before-undated.md).
#}
{% macro headline_order() -%}
    case when is_known_misprint then 1 else 0 end,
            case when is_superseded then 1 else 0 end,
            case when value is null then 1 else 0 end,
            provenance_rank,
            series_rank desc,
            case when provenance_rank > 1 and published_at is null then 1 else 0 end,
            coalesce(published_at, first_seen_at, known_at) desc,
            precision asc nulls last,
            obs_id
{%- endmacro %}

{#
CTEs that end in `classified_claims`: one row a claim of the relation `claims` (which has the
columns of int_claims__known), with its relation to the headline of its figure and the counts
of the figure. A figure is a key within one series version.
#}
{% macro classified_claims(claims) -%}
-- Most keys have one claim, which is their headline whatever the rules: they judge the others.
contested_keys as (
    select key_id
    from {{ claims }}
    group by key_id
    having count(*) > 1
),

-- Only what the rules look at: sorting and joining a claim's every column takes memory.
contested as (
    select
        {{ columns_of("claims", judged_columns()) | replace(", ", ",
        ") }}
    from {{ claims }} as claims
    inner join contested_keys
        on claims.key_id = contested_keys.key_id
),

superseded as (
    select distinct older.obs_id
    from contested as older
    inner join contested as newer
        on {{ supersedes("newer", "older") }}
),

-- An undated copy of a value that its publisher has since replaced is as old as that value.
undated_copies as (
    select
        undated.obs_id,
        bool_and(superseded.obs_id is not null) as is_echo
    from contested as undated
    inner join contested as dated
        on
            undated.figure_id = dated.figure_id
            and undated.publisher = dated.publisher
            and {{ agrees("undated", "dated") }}
    left join superseded
        on dated.obs_id = superseded.obs_id
    where
        undated.published_at is null
        and dated.published_at is not null
    group by undated.obs_id
),

standing as (
    select
        contested.*,
        superseded.obs_id is not null
        or coalesce(undated_copies.is_echo, false) as is_superseded,
        {{ is_known_misprint("contested") }} as is_known_misprint,
        {{ is_doubted("contested") }} as is_doubted
    from contested
    left join superseded
        on contested.obs_id = superseded.obs_id
    left join undated_copies
        on contested.obs_id = undated_copies.obs_id
),

ranked as (
    select
        standing.*,
        row_number() over (
            partition by figure_id
            order by {{ headline_order() }}
        ) as rank_in_figure,
        row_number() over (
            partition by key_id
            order by {{ headline_order() }}
        ) as rank_in_key
    from standing
),

compared as (
    select
        ranked.*,
        ranked.rank_in_figure = 1 as is_figure_headline,
        ranked.rank_in_key = 1 as is_headline,
        headline.value is null or ranked.value is null as is_missing,
        ranked.publisher = headline.publisher as is_same_publisher,
        headline.is_doubted as is_headline_doubted,
        coalesce({{ agrees("ranked", "headline") }}, false) as is_agreeing,
        coalesce(
            {{ differs_in_last_digit("ranked", "headline") }}, false
        ) as is_last_digit
    from ranked
    inner join ranked as headline
        on
            ranked.figure_id = headline.figure_id
            and headline.rank_in_figure = 1
),

-- A publisher that also says what the headline says does not dispute it: one of its two
-- copies is misprinted.
weighed as (
    select
        compared.*,
        bool_or(is_agreeing and not is_superseded) over (
            partition by figure_id, publisher
        ) as is_publisher_agreeing
    from compared
),

related as (
    select
        weighed.*,
        case
            when is_figure_headline then 'headline'
            when is_known_misprint then 'misprint'
            when is_superseded then 'superseded'
            when is_missing then 'missing'
            when is_agreeing and is_same_publisher then 'repeats'
            when is_agreeing then 'corroborates'
            when is_last_digit then 'rounding'
            when is_doubted or is_headline_doubted then 'misprint'
            when is_publisher_agreeing then 'misprint'
            else 'dispute'
        end as relation
    from weighed
),

counted as (
    select
        figure_id,
        cast(count(distinct case
            when {{ is_nobodys("related") }} then null
            else claim_id
        end) as integer) as n_claims,
        {%- for relation in claim_counts() %}
        cast(
            count(case when relation = '{{ relation[1] }}' then 1 end) as integer
        ) as {{ relation[0] }}{{ "," if not loop.last }}
        {%- endfor %}
    from related
    group by figure_id
),

judged as (
    select
        related.obs_id,
        related.is_figure_headline,
        related.is_headline,
        related.relation,
        {{ columns_of("counted", ["n_claims"] + (claim_counts() | map("first") | list))
            | replace(", ", ",
        ") }},
        counted.n_rounding + counted.n_misprint + counted.n_disputing
        > 0 as has_conflict,
        case
            when counted.n_disputing > 0 then 'dispute'
            when counted.n_misprint > 0 then 'misprint'
            when counted.n_rounding > 0 then 'rounding'
        end as conflict_kind
    from related
    inner join counted
        on related.figure_id = counted.figure_id
),

classified_claims as (
    select
        claims.*,
        coalesce(judged.is_figure_headline, true) as is_figure_headline,
        coalesce(judged.is_headline, true) as is_headline,
        coalesce(judged.relation, 'headline') as relation,
        coalesce(
            judged.n_claims, case when {{ is_nobodys("claims") }} then 0 else 1 end
        ) as n_claims,
        {%- for relation in claim_counts() %}
        coalesce(judged.{{ relation[0] }}, 0) as {{ relation[0] }},
        {%- endfor %}
        coalesce(judged.has_conflict, false) as has_conflict,
        judged.conflict_kind
    from {{ claims }} as claims
    left join judged
        on claims.obs_id = judged.obs_id
)
{%- endmacro %}

{# What the rules look at in a claim, in the order of int_claims__known. #}
{% macro judged_columns() -%}
    {{ return([
        "obs_id", "figure_id", "key_id", "claim_id", "publisher", "provenance_rank",
        "series_rank", "value", "precision", "published_at", "first_seen_at", "known_at",
        "correction_role", "correction_kind",
    ]) }}
{%- endmacro %}

{# Column name and relation, for the counts that every figure carries. #}
{% macro claim_counts() -%}
    {{ return([
        ("n_corroborating", "corroborates"),
        ("n_repeating", "repeats"),
        ("n_superseded", "superseded"),
        ("n_rounding", "rounding"),
        ("n_misprint", "misprint"),
        ("n_disputing", "dispute"),
    ]) }}
{%- endmacro %}

{# The columns of marts.observations, in order; observation_history and as-of share them. #}
{% macro observation_columns() -%}
    {{ return([
        "obs_id", "indicator_id", "region_code", "period_start", "period_end", "period_label",
        "period_kind", "stage", "perimeter", "perimeter_note", "baseline", "breakdown",
        "category", "attributes", "value", "value_text", "unit", "precision", "obs_status",
        "standard_error", "series_version", "source_id", "source_name", "source_url",
        "provenance_tier", "claimant", "published_at", "published_at_basis", "known_at",
        "known_at_basis", "dataset_id", "snapshot_id", "locator", "is_sample", "note",
        "is_printed_zero", "is_derived", "formula_id", "n_claims", "n_corroborating", "n_repeating",
        "n_superseded", "n_rounding", "n_misprint", "n_disputing", "has_conflict",
        "conflict_kind", "key_id", "figure_id", "correction_id", "correction_reason",
    ]) }}
{%- endmacro %}

{#
The same columns for claims that may not stand any more: what a claim says is taken from
`known`, how it is judged from `classified`, which has no row for a withdrawn one.
#}
{% macro claim_columns(known, classified) -%}
    {%- set counts = ["n_claims"] + (claim_counts() | map("first") | list) -%}
    {%- set expressions = [] -%}
    {%- for column in observation_columns() -%}
        {%- if column in counts -%}
            {%- do expressions.append("coalesce(" ~ classified ~ "." ~ column ~ ", 0) as " ~ column) -%}
        {%- elif column == "has_conflict" -%}
            {%- do expressions.append("coalesce(" ~ classified ~ ".has_conflict, false) as has_conflict") -%}
        {%- elif column == "conflict_kind" -%}
            {%- do expressions.append(classified ~ ".conflict_kind") -%}
        {%- else -%}
            {%- do expressions.append(known ~ "." ~ column) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(expressions) }}
{%- endmacro %}
