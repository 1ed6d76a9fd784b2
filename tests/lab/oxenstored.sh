#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What tests/oxenstored.t runs in one dom0: the self-test, pairs' faults, and hostile nodes.
#
#   lab/run --xenstored oxenstored tests/lab/oxenstored.sh
#
# Writes TAP; exit status 0 if all passed. Needs build/xenolith.elf and build/peer (make peers).
# shellcheck source=tests/lab/roles.sh
. tests/lab/roles.sh

# The first: it counts on the domain ids of a dom0 that has just started.
for scenario in peers faults; do
	status=0
	sh "tests/lab/$scenario.sh" >"$lab_logs/$scenario.tap" || status=$?
	sed 's/^/    /' "$lab_logs/$scenario.tap"
	is $status 0 "$scenario"
done

lab_create selftest cfg/pvh.cfg 'kernel="/lab/build/xenolith.elf"' 'cmdline="role=selftest"'
check 'the self-test' ends selftest PASS
lab_destroy selftest
check 'oxenstored runs' pidof oxenstored
check 'xenstored does not' sh -c '! pidof xenstored'
tap_end
