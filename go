#!/bin/sh
# Sets chainsim up in .venv (first time only) and runs the main job; with arguments: ./go run … is chainsim run …
set -eu
cd "$(dirname "$0")"
. tools/environment.sh
kind=base
[ "${1:-}" != compile ] || kind=compile
ensure_environment $kind
[ $# -gt 0 ] || set -- run scenarios/western
exec .venv/bin/chainsim "$@"
