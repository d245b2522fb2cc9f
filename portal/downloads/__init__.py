"""Downloads of a release: each table in four formats, a bundle, and what machines read of them."""
