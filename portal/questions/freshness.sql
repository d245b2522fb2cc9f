select * from freshness order by dataset_id
