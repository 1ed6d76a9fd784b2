#!/bin/sh
# SPDX-License-Identifier: MIT
# What the toolstack does to a running guest, on the Xen that this file's name ends with: on 4.17
# everything, on the others what must work everywhere.
# usage: tests/scenarios/lifecycle-XEN.t [SET|NAME...]    sets and rows of lifecycle.sh
# shellcheck source=tests/lib/scenario.sh
. "$(dirname "$0")/../lib/scenario.sh"
xen=${name#lifecycle-}
case $xen:$# in
4.17:0) set -- stop stop-hvm rounds hostile lost ;;
*:0) set -- idle-poweroff idle-reboot ;;
esac
run_scenario "$xen" --timeout 1800 tests/scenarios/lifecycle.sh "$@"
