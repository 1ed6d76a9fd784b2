#!/bin/sh
# SPDX-License-Identifier: MIT
# hello of assignment_3 on a patched Xen, at Xen's own log levels.
# shellcheck source=tests/lib/patched-xen.sh
. "$(dirname "$0")/../lib/patched-xen.sh"
run_scenario "$xen" --guest-loglvl '' tests/scenarios/hello.sh
