#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Runs lab/run many times in a row on a loaded machine and checks that it judges each run as it
# ended: exit status, last line and the scenario's output. Not part of `make check`.
#
# usage: tests/slow/soak-lab-run.sh [RUNS [FIRST]]
#   RUNS    how many (default: 100)
#   FIRST   the number of the first (default: 1)
#
# Two busy loops load the machine. $SOAK_RUN, if set, precedes each lab/run.
# Exit status: 0 lab/run judged all right, 1 it did not.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tools/common.sh
. tools/common.sh

runs=${1:-100}
first=${2:-1}
statuses=(0 1 0 3 0 77 0 124 0 125 0 255)
make_work
loops=()
cleanup() {
    kill "${loops[@]}" 2>/dev/null || :
    rm -rf "$work"
}
trap cleanup EXIT

for _ in 1 2; do
    while :; do :; done &
    loops+=($!)
done

wrong=0
SECONDS=0
for ((run = first; run < first + runs; run++)); do
    expected=${statuses[run % ${#statuses[@]}]}
    got=0
    # shellcheck disable=SC2086 # several words
    ${SOAK_RUN:-} lab/run --name soak --timeout 600 tests/slow/end-with-status.sh "$expected" \
        >"$work/out" 2>"$work/err" || got=$?
    if [ "$got" = "$expected" ] && [ "$(cat "$work/out")" = "ends with $expected" ] &&
        tail -n 1 "$work/err" | grep -q "the scenario's exit status is $expected\$"; then
        verdict=right
    else
        verdict=WRONG
        wrong=$((wrong + 1))
        cat "$work/out" "$work/err"
    fi
    echo "run $run: status $got, expected $expected: $verdict; $SECONDS s so far"
done
echo "$runs runs in $SECONDS s, $wrong of them misjudged"
[ $wrong = 0 ]
