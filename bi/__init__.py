"""Superset as code: a dashboard in both languages, its charts and datasets, kept as reviewed YAML.

``python -m bi start`` / ``stop`` / ``status``
    Superset on this machine, in an environment of its own; ``make superset`` runs the first.
``python -m bi bundle FILE.zip``
    The same assets for the import of any other Superset.

`assets/` is what people review; `bundle` makes Superset's import format of it. `serve`, `prepare`
and `superset_config` run with Superset's own Python, here and in its container alike. Why so:
docs/decisions/0027-superset-as-code.md.
"""
