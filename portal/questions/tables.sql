select table_name, comment
from duckdb_tables() where schema_name = current_schema()
union all
-- A release kept as Parquet only has views, without comments.
select view_name, comment
from duckdb_views() where schema_name = current_schema() and not internal
order by table_name
