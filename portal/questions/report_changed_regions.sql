-- Every region that gained, lost or changed a figure in this release, and every region of its area:
-- their reports compare it with the others.
with changed as (
    select distinct region_code from release_diff where region_code is not null
),

areas as (
    select
        case when region.type in ('kabupaten', 'kota') then region.parent_region_code
        else region.region_code end as area
    from dim_region as region
    where region.valid_to is null
        and region.region_code in (select region_code from changed)
)

select region_code from changed
union
select region.region_code
from dim_region as region
where region.valid_to is null
    and (
        region.region_code in (select area from areas)
        or region.parent_region_code in (select area from areas)
    )
order by region_code
