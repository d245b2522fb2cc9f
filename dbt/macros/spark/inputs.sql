{#
Sources on Spark. dbt-duckdb reads a source's Parquet file where it lies; Spark wants a table, so
each file becomes one before the first model runs. Such a table is a name for the file: dropping
it leaves the file alone.
#}
{% macro spark__stage_inputs(folder) -%}
    {%- do run_query("create schema if not exists ingest") -%}
    {%- for source in graph.sources.values() -%}
        {%- set table = source.schema ~ "." ~ source.identifier -%}
        {%- do run_query("drop table if exists " ~ table) -%}
        {%- do run_query(
            "create table " ~ table ~ " using parquet location '"
            ~ (folder | replace("'", "\\'")) ~ "/" ~ source.identifier ~ ".parquet'"
        ) -%}
    {%- endfor -%}
{%- endmacro %}

{# Whether there is anything to build from: Spark itself looks, since it may lie where only it can. #}
{% macro spark__count_inputs(folder) -%}
    {{ return(1) }}
{%- endmacro %}

{# No table macros on Spark: who asks as of a day asks the DuckDB file or PostgreSQL. #}
{% macro spark__observations_as_of_ddl() -%}{%- endmacro %}
{% macro spark__series_on_boundaries_ddl() -%}{%- endmacro %}
