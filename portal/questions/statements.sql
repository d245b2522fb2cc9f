select * from statement_checks order by said_at desc, statement_id
