#!/bin/sh
# SPDX-License-Identifier: MIT
# Long streams between our guests, and with libxenvchan in dom0: 1 GiB each.
# usage: tests/slow/streams-long.t [[big=BYTES] SET|NAME...]    as tests/scenarios/streams.sh
# shellcheck source=tests/lib/scenario.sh
. "$(dirname "$0")/../lib/scenario.sh"
[ $# != 0 ] || set -- hours
run_scenario 4.17 --timeout 36000 tests/scenarios/streams.sh "$@"
