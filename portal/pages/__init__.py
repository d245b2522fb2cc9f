"""One module a kind of page: what a page says, as plain data, for the templates to write."""
