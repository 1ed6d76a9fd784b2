#!/bin/sh
# SPDX-License-Identifier: MIT
# What the check on pointers of 32-bit callers is for: on a Xen 4.17 without it, a 32-bit PV guest
# reads Xen's memory. tests/scenarios/hypercall.t has the same guest on Xens with the check.
# shellcheck source=tests/lib/scenario.sh
. "$(dirname "$0")/../lib/scenario.sh"
or_skip tools/build-xen.sh --edit 's/current->hcall_compat/false/' \
    --in xen/arch/x86/assignment_3.c --as unchecked 4.17
make -s --no-print-directory assignment-callers >&2
run_scenario 4.17-unchecked tests/scenarios/unchecked.sh
