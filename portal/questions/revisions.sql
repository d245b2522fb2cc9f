select * from revisions order by changed_at desc, revision_id
