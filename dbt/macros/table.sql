{#
How a table is made: created under its own name, with its descriptions, in one transaction.
dbt-duckdb's own way builds it under another name and swaps it in for readers. Nobody reads a
candidate before it is published, and a rename and a drop for every table took a sixth of
the build (docs/decisions/0004-dbt-as-one-task.md).
#}
{# Every column that is described is there: the contract has looked already. #}
{% macro duckdb__alter_column_comment(relation, column_dict) %}
    {% for name in column_dict %}
        comment on column {{ relation }}.{{ name }}
            is {{ duckdb_escape_comment(column_dict[name]["description"]) }};
    {% endfor %}
{% endmacro %}

{% materialization table, adapter="duckdb", supported_languages=["sql"] %}
    {%- set made = this.incorporate(type="table") -%}
    {{ run_hooks(pre_hooks) }}
    {{ drop_relation_if_exists(load_cached_relation(this)) }}
    {% call statement("main") -%}
        {{ create_table_as(False, made, compiled_code) }}
    {%- endcall %}
    {% do persist_docs(made, model) %}
    {{ run_hooks(post_hooks) }}
    {{ adapter.commit() }}
    {{ return({"relations": [made]}) }}
{% endmaterialization %}
