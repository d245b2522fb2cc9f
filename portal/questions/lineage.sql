select
    child.region_code as to_code, child.name as to_name,
    parent.region_code as from_code, parent.name as from_name,
    line.valid_from, line.kind, line.basis
from region_lineage as line
join dim_region as child on child.region_id = line.to_region_id
join dim_region as parent on parent.region_id = line.from_region_id
order by line.valid_from, to_code
