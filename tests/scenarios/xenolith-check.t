#!/bin/sh
# SPDX-License-Identifier: MIT
# xenolith-check, from its package, in a dom0 that has nothing else of this project: on Xen 4.17
# everything, on the Xen that this file's name ends with a few guests; xenolith-check-all: --all.
# usage: tests/scenarios/xenolith-check.t [PART...]     of those that xenolith-check.sh names
# shellcheck source=tests/lib/scenario.sh
. "$(dirname "$0")/../lib/scenario.sh"
make -s --no-print-directory deb >&2
case $name in
xenolith-check)
    [ $# -gt 0 ] || set -- safe golden crash fail interrupt host
    run_scenario 4.17 --timeout 2700 tests/scenarios/xenolith-check.sh "$@"
    ;;
xenolith-check-all)
    run_scenario 4.17 --timeout 5400 --memory 10240 tests/scenarios/xenolith-check.sh all
    ;;
*) run_scenario "${name##*-}" --timeout 1200 tests/scenarios/xenolith-check.sh few ;;
esac
