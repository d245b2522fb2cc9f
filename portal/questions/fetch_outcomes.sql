select * from fetch_outcomes order by dataset_id, partition, attempted_at
