#!/bin/sh
# SPDX-License-Identifier: MIT
# Streams through vchans: our guests, and libxenvchan in dom0.
# usage: tests/scenarios/streams.t [NAME...]    only the streams of these names
# shellcheck source=tests/lib/scenario.sh
. "$(dirname "$0")/../lib/scenario.sh"
[ $# != 0 ] || set -- first together
run_scenario 4.17 --timeout 1200 tests/scenarios/streams.sh "$@"
