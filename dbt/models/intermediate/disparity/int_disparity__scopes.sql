-- Grain: scope x region. Who is compared with whom: the regencies of a province and the
-- provinces of the country one by one, and the groups of a grouping as wholes. Regions that
-- ended have no code and no parent, so that nobody expects them.
with regions as (
    select * from {{ ref("dim_region") }}
    where region_code is not null
),

groupings as (
    select * from {{ ref("region_grouping") }}
),

scopes as (
    select
        parents.region_code as scope_id,
        parents.region_code as parent_region_code,
        cast(null as string) as grouping_id,
        members.region_code as unit_id,
        members.region_code,
        members.valid_from,
        members.valid_to
    from regions as parents
    inner join regions as members
        on parents.region_code = members.parent_region_code
    union all
    select
        groupings.grouping_id as scope_id,
        cast(null as string) as parent_region_code,
        groupings.grouping_id,
        groupings.member_group as unit_id,
        groupings.region_code,
        members.valid_from,
        members.valid_to
    from groupings
    inner join regions as members
        on groupings.region_code = members.region_code
)

select * from scopes
