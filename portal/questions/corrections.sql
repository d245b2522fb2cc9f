select * from corrections order by status, region_code, correction_id
