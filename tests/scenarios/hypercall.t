#!/bin/sh
# SPDX-License-Identifier: MIT
# assignment_3 on a patched Xen, called by every kind of domain. tests/slow/ has links to this file,
# whose names end with another Xen.
# shellcheck source=tests/lib/patched-xen.sh
. "$(dirname "$0")/../lib/patched-xen.sh"
run_scenario "$xen" --timeout 1800 tests/scenarios/hypercall.sh
