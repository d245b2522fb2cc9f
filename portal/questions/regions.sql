select region_code, kemendagri_code, djpk_code, name, type, parent_region_code, valid_from
from dim_region where region_code is not null and valid_to is null
order by region_code
