#!/bin/sh
# SPDX-License-Identifier: MIT
# Guests whose xenstore is kept by oxenstored, Xen's other implementation, which some distributions
# run.
# shellcheck source=tests/lib/scenario.sh
. "$(dirname "$0")/../lib/scenario.sh"
run_scenario 4.17 --xenstored oxenstored --timeout 2400 tests/scenarios/oxenstored.sh
