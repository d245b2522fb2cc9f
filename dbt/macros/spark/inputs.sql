{#
Sources on Spark. dbt-duckdb reads a source's Parquet file where it lies; Spark wants a table, so
each file becomes one before the first model runs. Such a table is a name for the file: dropping
it leaves the file alone.
#}
{% macro spark__stage_inputs(folder) -%}
    {%- do require_spark_settings() -%}
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

{#
The settings that figures depend on, held before anything is built. The profile asks for them, and a
cluster's Thrift server passes over what a profile asks: there they stand in its own file.
#}
{% macro require_spark_settings() -%}
    {%- set wanted = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.timestampType": "TIMESTAMP_NTZ",
        "spark.sql.ansi.enabled": "false",
        "spark.sql.decimalOperations.allowPrecisionLoss": "false",
        "spark.sql.constraintPropagation.enabled": "false",
    } -%}
    {%- for name, value in wanted.items() -%}
        {%- set found = run_query("set " ~ name).rows[0][1] -%}
        {%- if found != value -%}
            {%- do exceptions.raise_compiler_error(
                name ~ " is " ~ found ~ " on this Spark, and figures depend on its being " ~ value
                ~ ": set it in the spark-defaults.conf of the Thrift server (docs/spark.md)"
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
