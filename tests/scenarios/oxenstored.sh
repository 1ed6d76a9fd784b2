#!/bin/sh
# SPDX-License-Identifier: MIT
#
# oxenstored keeps the guests' xenstore: pairs, hostile nodes, faults, and the self-test, in one
# dom0.
#
#   lab/run --xenstored oxenstored --timeout 2400 tests/scenarios/oxenstored.sh
#
# Writes TAP; exit status 0 if all passed. Needs build/xenolith.elf and build/dom0 (make peers).
# shellcheck source=tests/lib/pair.sh
. tests/lib/pair.sh

# The pairs come first: they need the domain ids of a dom0 that has just started. Hostile nodes are
# domain 0's, and a reader only looks at domains up to 64 ids away.
for scenario in pairs peers faults; do
    status=0
    sh "tests/scenarios/$scenario.sh" >"$lab_logs/$scenario.tap" || status=$?
    is $status 0 "oxenstored: the scenario $scenario passes"
    [ $status = 0 ] || diag "$(grep -E '^(not ok|#)' "$lab_logs/$scenario.tap")"
    lab_say "$scenario: status $status"
done

lab_create selftest cfg/pvh.cfg 'kernel="/lab/build/xenolith.elf"' 'cmdline="role=selftest"'
check 'oxenstored: the self-test passes' ends selftest PASS
lab_destroy selftest

# xenstored has no quota for dom0 and would take this value.
error=$(xenstore-write /tool/large "$(printf '%03000d' 0)" 2>&1)
diag "a value of 3000 bytes: $error"
check 'oxenstored: its quota holds for dom0' test -n "$error"
check 'oxenstored: it runs' sh -c 'pidof oxenstored >/dev/null'
check 'oxenstored: no xenstored runs' sh -c '! pidof xenstored'
done_testing
