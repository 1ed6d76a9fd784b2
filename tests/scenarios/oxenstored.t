#!/bin/sh
# SPDX-License-Identifier: MIT
# Guests whose xenstore is kept by oxenstored, Xen's other implementation, which some distributions
# run: the self-test, pairs, faults, and hostile nodes. The scenario speaks TAP itself.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
# shellcheck source=tests/lib/or_skip.sh
. "$(dirname "$0")/../lib/or_skip.sh"
cd "$root"
or_skip lab/image.sh 4.17

logs=build/lab/logs/oxenstored
status=0
lab/run --xenstored oxenstored --name oxenstored --timeout 1500 tests/scenarios/oxenstored.sh \
    >"$work/tap" 2>"$work/err" || status=$?
tail -n 1 "$work/err" >&2
if [ $status = 77 ]; then
    echo "1..0 # SKIP $(tail -n 1 "$work/err")"
    exit
fi
grep -E '^(ok|not ok) ' "$work/tap" | sed -E 's/^((not )?ok) [0-9]+ - /\1|/' >"$work/results" || :
while IFS='|' read -r result name; do
    case $result in
    ok) pass "$name" ;;
    *) fail "$name" "$(grep -E '^ *(not ok|#)' "$work/tap")" ;;
    esac
done <"$work/results"
if [ $status = 0 ]; then pass 'the scenario'; else fail 'the scenario' "$(tail -n 20 "$work/err")"; fi
expect 0 "dom0's log says that oxenstored kept xenstore" \
    grep -qE '^lab: xenstore is kept by /usr/.*/bin/oxenstored' "$logs/console.log"

done_testing
