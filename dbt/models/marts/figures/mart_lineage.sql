-- Grain: mart x row x column x claim. What every figure in the marts rests on.
{%- set lineages = [
    ref("int_lineage__observations"),
    ref("int_lineage__revisions"),
] %}
with lineage as (
    {%- for lineage in lineages %}
    select
        mart,
        row_key,
        column_name,
        obs_id
    from {{ lineage }}
    {{ "union" if not loop.last }}
    {%- endfor %}
)

select * from lineage
