select * from dim_source order by name, source_id
