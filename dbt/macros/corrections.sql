{# The columns of an observation as ingest writes it, in order. #}
{% macro published_columns() -%}
    {{ return([
        "dataset_id", "snapshot_id", "locator", "indicator_id", "region_code", "period_start",
        "period_end", "period_label", "period_kind", "stage", "perimeter", "perimeter_note",
        "baseline", "breakdown", "category", "attributes", "value", "value_text", "unit",
        "precision", "obs_status", "standard_error", "series_version", "source_id",
        "source_name", "source_url", "provenance_tier", "claimant", "published_at",
        "published_at_basis", "note", "is_derived", "formula_id",
    ]) }}
{%- endmacro %}

{# Those that a declared correction may set. #}
{% macro corrected_columns() -%}
    {{ return([
        "indicator_id", "region_code", "period_start", "period_end", "period_label", "stage",
        "perimeter", "baseline", "value", "value_text", "precision", "series_version",
    ]) }}
{%- endmacro %}

{# The columns of a correction that say what it sets, and the same without anything in them. #}
{% macro set_columns() -%}
    {%- set names = [] -%}
    {%- for column in corrected_columns() -%}
        {%- do names.append("set_" ~ column) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{% macro unset_columns() -%}
    {%- set expressions = [] -%}
    {%- for name in set_columns() -%}
        {%- do expressions.append("case when false then " ~ name ~ " end as " ~ name) -%}
    {%- endfor -%}
    {{ return(expressions) }}
{%- endmacro %}

{# What makes two copies the same claim, whichever reply they stand in. #}
{% macro published_hash(claim) -%}
    {{ hash_of(
        ["dataset_id"] + key_columns() + [
            "series_version", "source_id", "claimant", "published_at", "value_text", "unit",
        ],
        claim ~ "."
    ) }}
{%- endmacro %}

{#
The columns of a claim: what the correction sets, else as published. A doubted one says so in its
status.
#}
{% macro columns_as_read(claim, correction) -%}
    {%- set expressions = [] -%}
    {%- for column in published_columns() -%}
        {%- if column == "obs_status" -%}
            {%- do expressions.append(
                "case when " ~ correction ~ ".correction_kind = 'doubt' then 'V' else "
                ~ claim ~ ".obs_status end as obs_status"
            ) -%}
        {%- elif column in corrected_columns() -%}
            {%- do expressions.append(
                "coalesce(" ~ correction ~ ".set_" ~ column ~ ", " ~ claim ~ "." ~ column
                ~ ") as " ~ column
            ) -%}
        {%- else -%}
            {%- do expressions.append(claim ~ "." ~ column) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(expressions) }}
{%- endmacro %}
