#!/bin/sh
# SPDX-License-Identifier: MIT
# A guest with more grant references than it can keep over a suspend.
# shellcheck source=tests/lib/scenario.sh
. "$(dirname "$0")/../lib/scenario.sh"
run_scenario 4.17 --xen-args gnttab_max_frames=128 --timeout 900 tests/scenarios/lifecycle.sh refused
