#!/bin/sh
# SPDX-License-Identifier: MIT
# Other ends of a vchan, in dom0, that do not keep to the protocol.
# usage: tests/scenarios/vchan-hostile.t [NAME...]    only these lines of the table
# shellcheck source=tests/lib/scenario.sh
. "$(dirname "$0")/../lib/scenario.sh"
run_scenario 4.17 --timeout 1200 tests/scenarios/vchan-hostile.sh "$@"
