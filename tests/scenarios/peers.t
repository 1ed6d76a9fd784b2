#!/bin/sh
# SPDX-License-Identifier: MIT
# Our guests and other people's code in dom0.
# shellcheck source=tests/lib/scenario.sh
. "$(dirname "$0")/../lib/scenario.sh"
run_scenario 4.17 --timeout 1800 tests/scenarios/peers.sh
