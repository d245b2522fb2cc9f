#!/bin/sh
# Every check of `make lint`, one after the other; all of them run, the first failure decides.
set -u
cd "$(dirname "$0")/.."
status=0

check() {
    name=$1
    shift
    if output=$("$@" 2>&1); then
        printf 'ok    %s\n' "$name"
    else
        printf 'FAIL  %s\n%s\n' "$name" "$output"
        status=1
    fi
}

python=.venv/bin/python
check "ruff check" "$python" -m ruff check .
check "ruff format" "$python" -m ruff format --check .
check "mypy, strict" "$python" -m mypy
check "laws of the tree" "$python" -c "from importlinter.cli import lint_imports_command as main; main()"
check "SQL style" "$python" -m sqlfluff lint dbt --processes 2 --disable-progress-bar
check "SQL of the gallery" "$python" -m sqlfluff lint gallery --templater raw --dialect postgres --disable-progress-bar
check "compose file" "$python" -m check_jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
check "committed text" "$python" scripts/check_committed.py
check "secrets" sh -c 'git ls-files | grep -E "\.(py|yml|yaml|sh|md|toml|sql)$" | xargs -d "\n" '"$python"' -m detect_secrets.pre_commit_hook --baseline .secrets.baseline'
exit $status
