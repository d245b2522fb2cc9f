-- Grain: the key. The headline among the claims, and how many stand beside it.
with classified as (
    select * from {{ ref("int_claims__classified") }}
),

headlines as (
    select
        {{ observation_columns() | join(",\n        ") }}
    from classified
    where is_headline
)

select * from headlines
