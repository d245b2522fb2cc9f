select revisions.*, name_id, name_en
from revisions join dim_indicator using (indicator_id)
where region_code = $region
order by changed_at desc, revision_id limit 5
