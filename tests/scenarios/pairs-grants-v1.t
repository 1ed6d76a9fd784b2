#!/bin/sh
# SPDX-License-Identifier: MIT
# Pairs of a writer and a reader on a Xen that only has version 1 of grant tables.
# shellcheck source=tests/lib/scenario.sh
. "$(dirname "$0")/../lib/scenario.sh"
run_scenario 4.17 --timeout 1800 --xen-args gnttab=max-ver:1 tests/scenarios/pairs.sh first
