# shellcheck shell=sh
# For working without make: `. ./env.sh` from the project's root, then plain `pytest`,
# `airflow dags list` and `dbt build --project-dir dbt` work. The Makefile reads it too.
LUMBUNG_ROOT=$PWD
if [ ! -f "$LUMBUNG_ROOT/lumbung/settings.py" ]; then
    echo "env.sh: change to the project's root first." >&2
fi
export LUMBUNG_HOME="${LUMBUNG_HOME:-$LUMBUNG_ROOT/var}"
export PYTHONPATH="$LUMBUNG_ROOT${PYTHONPATH:+:$PYTHONPATH}"
export AIRFLOW_HOME="${AIRFLOW_HOME:-$LUMBUNG_HOME/airflow}"
export AIRFLOW__CORE__DAGS_FOLDER="$LUMBUNG_ROOT/dags"
export AIRFLOW__CORE__LOAD_EXAMPLES=False
export DBT_PROFILES_DIR="$LUMBUNG_ROOT"
# Nothing reports home.
export DO_NOT_TRACK=1
export DBT_SEND_ANONYMOUS_USAGE_STATS=False
export GX_ANALYTICS_ENABLED=False
export SCARF_ANALYTICS=false
export AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False
if [ -d "$LUMBUNG_ROOT/.venv/bin" ]; then
    PATH="$LUMBUNG_ROOT/.venv/bin:$PATH"
    export PATH
fi
