select * from dim_indicator order by indicator_id
