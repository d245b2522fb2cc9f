{# The folder of Parquet files that ingest hands over. Only this file knows where it is. #}
{% macro inputs_folder() -%}
    {{ env_var("LUMBUNG_INPUTS", env_var("LUMBUNG_HOME", "var") ~ "/releases/current/inputs") }}
{%- endmacro %}

{# Stop with one sentence, before any model runs, where there is nothing to build from. #}
{% macro require_inputs() -%}
    {%- if execute and flags.WHICH in ("build", "run", "test", "seed") -%}
        {%- set found = adapter.dispatch("count_inputs")(inputs_folder()) -%}
        {%- if found == 0 -%}
            {%- do exceptions.raise_compiler_error(
                "no inputs in " ~ inputs_folder() ~ ": run `make refresh` first"
            ) -%}
        {%- endif -%}
        {%- do adapter.dispatch("stage_inputs")(inputs_folder()) -%}
    {%- endif -%}
{%- endmacro %}

{% macro default__count_inputs(folder) -%}
    {%- set pattern = (folder ~ "/observations.parquet") | replace("'", "''") -%}
    {{ return(run_query("select count(*) from glob('" ~ pattern ~ "')").columns[0].values()[0]) }}
{%- endmacro %}

{# DuckDB reads a source where it lies: `external_location` of the sources says so. #}
{% macro default__stage_inputs(folder) -%}{%- endmacro %}
