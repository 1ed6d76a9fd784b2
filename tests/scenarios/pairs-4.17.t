#!/bin/sh
# SPDX-License-Identifier: MIT
# Pairs of a writer and a reader on the Xen in this file's name: on 4.17 all of them, with those from
# an ISO in pairs-4.17-iso.t, on the others those that must work everywhere.
# usage: tests/scenarios/pairs-XEN.t [SET|NAME...]    sets and pairs of pairs.table
# shellcheck source=tests/lib/scenario.sh
. "$(dirname "$0")/../lib/scenario.sh"
xen=${name#pairs-}
case $xen:$# in
4.17:0) set -- first more rounds ;;
4.17-iso:0) set -- iso ;;
*:0) set -- first ;;
esac
run_scenario "${xen%-iso}" --timeout 1800 tests/scenarios/pairs.sh "$@"
