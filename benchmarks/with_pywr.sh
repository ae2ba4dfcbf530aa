#!/bin/sh
# Runs `python -m benchmarks` with pywr 2 beside the other peers:  sh benchmarks/with_pywr.sh [arguments]
# pywr gets a venv of its own, outside the checkout, because a release candidate must not choose our versions of numpy. It is made
# once, under $CHAINSIM_BENCHMARK_CACHE (default: the user's cache folder); delete that folder to be rid of it.
# $PYTHON is the interpreter with chainsim in it; default .venv/bin/python.
set -eu
checkout=$(cd "$(dirname "$0")/.." && pwd)
version=2.0.0rc1
cache=${CHAINSIM_BENCHMARK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/chainsim-benchmarks}
venv=$cache/pywr-$version
python=${PYTHON:-$checkout/.venv/bin/python}
if [ ! -e "$venv/complete" ]; then
    echo "setting up pywr $version in $venv (once)" >&2
    mkdir -p "$cache"
    rm -rf "$venv"
    "$python" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --pre "pywr==$version" polars numpy
    touch "$venv/complete"
fi
CHAINSIM_PYWR_PYTHON=$venv/bin/python
export CHAINSIM_PYWR_PYTHON
cd "$checkout"
exec "$python" -m benchmarks "$@"
