#!/bin/sh
# SPDX-License-Identifier: MIT
# Faults between a writer and a reader.
# shellcheck source=tests/lib/scenario.sh
. "$(dirname "$0")/../lib/scenario.sh"
run_scenario 4.17 --timeout 1800 tests/scenarios/faults.sh
