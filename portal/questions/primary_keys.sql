select table_name, constraint_column_names as key_columns
from duckdb_constraints()
where schema_name = current_schema() and constraint_type = 'PRIMARY KEY'
