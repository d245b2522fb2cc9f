-- A region, the area it is compared within, and every region of that area.
select
    own.region_code, own.name, own.type, own.parent_region_code, parent.name as parent_name
from dim_region as own
left join dim_region as parent
    on parent.region_code = own.parent_region_code and parent.valid_to is null
where own.valid_to is null and own.region_code is not null
    and (own.region_code in ($region, $area) or own.parent_region_code = $area)
order by own.region_code
