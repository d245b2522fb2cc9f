"""What people read: pages, reports, charts and downloads, made from published marts only."""
