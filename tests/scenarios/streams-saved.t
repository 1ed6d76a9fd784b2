#!/bin/sh
# SPDX-License-Identifier: MIT
# Streams one end of which is saved and restored, or destroyed.
# usage: tests/scenarios/streams-saved.t [NAME...]    only those of streams-saved.sh
# shellcheck source=tests/lib/scenario.sh
. "$(dirname "$0")/../lib/scenario.sh"
run_scenario 4.17 --timeout 1200 tests/scenarios/streams-saved.sh "$@"
