-- Questions of a planning meeting that have no figure for a region, and who holds one.
select question_id, name_id, name_en, reason, holder_id, holder_en, target_group
from musrenbang where region_code = $region and value is null
order by sort_order, question_id
