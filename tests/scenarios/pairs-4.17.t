#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs writer and reader on the Xen that this file's name ends with: on 4.17 every pair, fault and
# foreign peer; on the others the pairs that must work everywhere. The scenarios write TAP.
# usage: tests/scenarios/pairs-XEN.t
# exit status: 0 if every scenario passed
set -eu
cd "$(dirname "$0")/../.."

xen=$(basename "$0" .t)
xen=${xen#pairs-}
# shellcheck source=tests/lib/or_skip.sh
. tests/lib/or_skip.sh
or_skip lab/image.sh "$xen"
number=0
failed=0

# run NAME LAB-OPTIONS-AND-SCENARIO...: runs one scenario as one check; its own TAP is in its log
run() {
    number=$((number + 1))
    name=$1
    shift
    if lab/run --xen "$xen" --name "pairs-$xen-$name" --timeout 900 "$@" >/dev/null; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        grep -hE '^(not ok|#|1\.\.)' "build/lab/logs/pairs-$xen-$name/stdout.log" | sed 's/^/# /'
        failed=1
    fi
}

case $xen in
4.17)
    run pairs tests/scenarios/pairs.sh first more iso rounds
    run faults tests/scenarios/faults.sh
    run peers tests/scenarios/peers.sh
    run grants-v1 --xen-args gnttab=max-ver:1 tests/scenarios/pairs.sh first
    ;;
*) run pairs tests/scenarios/pairs.sh first ;;
esac
echo "1..$number"
exit $failed
