#!/bin/sh
# SPDX-License-Identifier: MIT
# Pairs of a writer and a reader on the Xen that this file's name ends with: on 4.17 all of them, on
# the others those that must work everywhere.
# usage: tests/scenarios/pairs-XEN.t [SET|NAME...]    sets and pairs of the table in pairs.sh
# shellcheck source=tests/lib/scenario.sh
. "$(dirname "$0")/../lib/scenario.sh"
xen=${name#pairs-}
case $xen:$# in
4.17:0) set -- first more iso rounds ;;
*:0) set -- first ;;
esac
run_scenario "$xen" --timeout 1800 tests/scenarios/pairs.sh "$@"
