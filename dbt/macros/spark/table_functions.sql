{#
The two questions with a parameter, as Spark's table functions. Spark takes no schema before the
name of a table function that is asked: `use marts` first.
#}
{% macro spark__observations_as_of_ddl() -%}
{%- set history = graph.nodes["model.lumbung.observation_history"].columns -%}
create or replace function marts.observations_as_of(as_of_date date) returns table return
{{ observations_as_of_query("observations_as_of.as_of_date", history) }}
{%- endmacro %}

{% macro spark__series_on_boundaries_ddl() -%}
create or replace function marts.series_on_boundaries(boundary_year int) returns table return
{{ series_on_boundaries_query("series_on_boundaries.boundary_year") }}
{%- endmacro %}
