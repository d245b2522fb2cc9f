select * from rejected where is_current order by dataset_id, locator limit 500
