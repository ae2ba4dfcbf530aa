# Sourced by ./go and ./check: makes .venv in this checkout, once. Needs only Python 3.11 or newer with pip and venv.
# shellcheck shell=sh

say() { printf '%s\n' "$*" >&2; }

find_python() {
    # The first of these that is new enough; $PYTHON wins if it is set.
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11 python; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s' "$candidate"
            return 0
        fi
    done
    found=$(python3 --version 2>/dev/null || printf 'no python3')
    say "chainsim needs Python 3.11 or newer; here: $found."
    say "Install one, or name it: PYTHON=/path/to/python3.12 $0"
    say "需要 Python 3.11 或更高版本。"
    return 1
}

ensure_environment() {
    # $1: "base" (to run), "compile" (to compile the engine too) or "dev" (to test). Each holds all that is before it.
    wanted="$(cksum <pyproject.toml) $(pwd)"
    case $1 in base) serves='base compile dev' ;; compile) serves='compile dev' ;; *) serves=dev ;; esac
    for stamp in $(printf '.venv/ready-%s ' $serves); do
        if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && .venv/bin/python -c '' 2>/dev/null; then
            return 0
        fi
    done
    python=$(find_python) || exit 2
    say "Setting up .venv with $("$python" --version) (once; about a minute) …"
    rm -f .venv/ready-*
    if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        if ! "$python" -m venv --clear .venv; then
            say "Could not make a virtual environment. On Debian and Ubuntu: apt install python3-venv"
            exit 2
        fi
    fi
    target=.
    [ "$1" = base ] || target=".[$1]"
    if ! .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable "$target"; then
        say "Installing chainsim's requirements failed; pip's message is above. Run $0 again once it is mended."
        exit 2
    fi
    printf '%s' "$wanted" >".venv/ready-$1"
}
