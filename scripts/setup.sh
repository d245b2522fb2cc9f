#!/bin/sh
# Prepare .venv with the locked packages: `setup.sh run` for a refresh, `setup.sh dev` for tests
# and linters; `setup.sh superset` and `setup.sh spark` prepare .venv-superset and .venv-spark,
# which share nothing with it.
# What is done already is not done again; what was interrupted is repaired.
set -eu
cd "$(dirname "$0")/.."

want=${1:-run}
venv=.venv
newest=13
# Superset pins other versions of nearly everything, and some of them end with Python 3.12.
[ "$want" != superset ] || { venv=.venv-superset; newest=12; }
# Spark's engine is half a gigabyte, and no refresh imports it.
[ "$want" != spark ] || venv=.venv-spark
python=$venv/bin/python
versions="3.11, 3.12 or 3.13"
[ "$newest" = 13 ] || versions="3.11 or 3.12"
unfinished=$venv/.lumbung-unfinished

say() { printf '%s\n' "$*" >&2; }
stop() {
    say "lumbung: $*"
    exit 1
}

supported() {
    "$1" -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, $newest))" 2>/dev/null
}

# The first interpreter that fits: the one asked for, the system's own, then by version.
find_python() {
    for candidate in "${LUMBUNG_PYTHON:-}" python3 python3.13 python3.12 python3.11; do
        if [ -n "$candidate" ] && supported "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    command -v python3 >/dev/null 2>&1 ||
        stop "needs Python $versions, and there is none (on Debian: apt install python3 python3-venv)."
    stop "needs Python $versions; this is $(python3 --version 2>&1) (name another with LUMBUNG_PYTHON=/path/to/python)."
}

# A virtual environment knows its absolute path: after a move it is made anew.
usable_venv() {
    [ -x "$python" ] && "$python" -c 'import pip' 2>/dev/null || return 1
    [ ! -f "$venv/.lumbung-path" ] || [ "$(cat "$venv/.lumbung-path")" = "$PWD" ]
}

make_venv() {
    base=$(find_python)
    "$base" -c 'import venv, ensurepip' 2>/dev/null ||
        stop "$base has no venv module (on Debian: apt install python3-venv)."
    say "Creating $venv with $("$base" --version)."
    rm -rf "$venv"
    "$base" -m venv "$venv"
}

# uv does not read pip's configuration: hand over the package index and certificates that the
# user gave pip, unless uv has been told otherwise.
hand_pips_settings_to_uv() {
    export UV_NO_PROGRESS="${UV_NO_PROGRESS:-1}"
    pip_says() { "$python" -m pip config get "$1" 2>/dev/null | tr '\n' ' ' | sed 's/ *$//'; }
    if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
        index=${PIP_INDEX_URL:-$(pip_says global.index-url)}
        [ -z "$index" ] || export UV_DEFAULT_INDEX="$index"
    fi
    if [ -z "${UV_INDEX:-}${UV_EXTRA_INDEX_URL:-}" ]; then
        extra=${PIP_EXTRA_INDEX_URL:-$(pip_says global.extra-index-url)}
        [ -z "$extra" ] || export UV_INDEX="$extra"
    fi
    if [ -z "${SSL_CERT_FILE:-}" ]; then
        certificates=${PIP_CERT:-$(pip_says global.cert)}
        [ -z "$certificates" ] || export SSL_CERT_FILE="$certificates"
    fi
}

# Hashes in the lock make every index safe to try, and the file may lie in any of them.
install_with_uv() {
    [ -x "$venv/bin/uv" ] ||
        "$python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
            -r requirements-bootstrap.txt || return 1
    (
        hand_pips_settings_to_uv
        UV_INDEX_STRATEGY=${UV_INDEX_STRATEGY:-unsafe-best-match} \
            "$venv/bin/uv" pip install --quiet --python "$python" --compile-bytecode --no-deps \
            --require-hashes $1 -r "$2"
    )
}

install_with_pip() {
    "$python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
        --compile $2 -r "$1"
}

install() {
    lock=$1
    repair=""
    repair_pip=""
    if [ -f "$unfinished" ]; then
        say "The last set-up was interrupted: installing again."
        repair=--reinstall
        repair_pip=--force-reinstall
    fi
    : >"$unfinished"
    say "Installing the $(grep -c '^[a-zA-Z0-9].*==' "$lock") packages of $lock (once; a minute or so)."
    install_with_uv "$repair" "$lock" || {
        say "uv could not do it: installing with pip instead (slower)."
        install_with_pip "$lock" "$repair_pip" ||
            stop "the packages could not be installed; pip's message is above. Is the package index reachable?"
    }
    printf '%s\n' "$PWD" >"$venv/.lumbung-path"
    rm -f "$unfinished"
}

print_of() { cksum <"$1"; }
installed() { [ ! -f "$unfinished" ] && [ "$(cat "$venv/.lumbung-$1" 2>/dev/null)" = "$(print_of "$2")" ]; }

case $(uname -s) in
Linux | Darwin) ;;
*) stop "runs on Linux and macOS; this is $(uname -s)." ;;
esac
usable_venv || make_venv

# The development lock holds everything the run-time lock does, so either may follow the other.
case $want in
run)
    installed run requirements.txt && exit 0
    install requirements.txt
    ;;
dev)
    installed dev requirements-dev.txt && installed run requirements.txt && exit 0
    install requirements-dev.txt
    print_of requirements-dev.txt >"$venv/.lumbung-dev"
    ;;
superset | spark)
    installed "$want" "requirements-$want.txt" && exit 0
    install "requirements-$want.txt"
    print_of "requirements-$want.txt" >"$venv/.lumbung-$want"
    exit 0
    ;;
*) stop "usage: scripts/setup.sh run|dev|superset|spark" ;;
esac
print_of requirements.txt >"$venv/.lumbung-run"
