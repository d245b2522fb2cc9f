select * from musrenbang order by region_code, sort_order, question_id
