#!/bin/sh
# SPDX-License-Identifier: MIT
# Xen's console loses only what it must.
# shellcheck source=tests/lib/scenario.sh
. "$(dirname "$0")/../lib/scenario.sh"
make -s -f tests/guests/flood/flood.mk
run_scenario 4.17 --timeout 900 tests/scenarios/console.sh
