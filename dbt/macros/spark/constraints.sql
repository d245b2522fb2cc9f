{#
What a contract promises of the rows, on Spark. Parquet tables take no constraints, so each table
is looked at once it is written: a NULL where there may be none, or a key that two rows share,
fails the model as it would on DuckDB.
#}
{% macro spark__persist_constraints(relation, model) -%}
    {%- if not config.get("contract").enforced -%}{{ return("") }}{%- endif -%}
    {%- set broken = [] -%}
    {%- set wanted = [] -%}
    {%- for column in model.columns.values() -%}
        {%- if column.constraints | selectattr("type", "equalto", "not_null") | list -%}
            {%- do wanted.append("count_if(" ~ column.name ~ " is null) > 0") -%}
            {%- do broken.append(column.name ~ " is NULL somewhere") -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for constraint in model.constraints if constraint.type in ("primary_key", "unique") -%}
        {%- set key = constraint.columns | join(", ") -%}
        {%- do wanted.append("count(*) > count(distinct " ~ key ~ ")") -%}
        {%- do broken.append("two rows share " ~ key) -%}
    {%- endfor -%}
    {%- if wanted -%}
        {%- set found = run_query("select " ~ wanted | join(", ") ~ " from " ~ relation).rows[0] -%}
        {%- for is_broken in found if is_broken -%}
            {%- do exceptions.raise_compiler_error(
                "the contract of " ~ relation ~ " is broken: " ~ broken[loop.index0]
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{# Descriptions go with the making of a table (tables.sql): nothing is left to do afterwards. #}
{% macro spark__persist_docs(relation, model, for_relation, for_columns) -%}{%- endmacro %}
