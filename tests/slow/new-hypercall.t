#!/bin/sh
# SPDX-License-Identifier: MIT
# tools/new-hypercall and tools/try-hypercall, in a copy of this project: from nothing to a hypercall
# that answers dom0, a PVH and an HVM guest, on Xen 4.14 and 4.17.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "$root"

mkdir "$work/copy"
copy_sources "$work/copy"
cd "$work/copy"
expect 0 'new-hypercall: it writes a hypercall' tools/new-hypercall frob 45
for version in 4.17 4.14; do
    status=0
    output=$(tools/try-hypercall frob $version 2>"$work/log") || status=$?
    case $status in
    77) skip "try-hypercall, Xen $version: every call answers" "$(tail -n 1 "$work/log")" ;;
    0)
        pass "try-hypercall, Xen $version: every call answers"
        says 'frob: twice 21 is 42' "try-hypercall, Xen $version: dom0 prints the answer"
        ;;
    *) fail "try-hypercall, Xen $version: every call answers" "$output
$(tail -n 30 "$work/log")" ;;
    esac
done
done_testing
