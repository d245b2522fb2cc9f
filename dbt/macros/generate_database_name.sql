{#
What readers never see, four fifths of all that a candidate's build writes, goes into a file of its
own: the one that is published needs no copying.
#}
{% macro duckdb__generate_database_name(custom_database_name=none, node=none) -%}
    {%- set is_kept = node is none or node.config.get("schema") not in ("staging", "intermediate") -%}
    {{ target.database if is_kept or target.name != "candidate" else "scratch" }}
{%- endmacro %}
