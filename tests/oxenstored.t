#!/bin/sh
# SPDX-License-Identifier: MIT
# Guests whose xenstore is kept by oxenstored, Xen's other implementation, which some distributions
# run: the self-test, pairs, faults, and hostile nodes. Each scenario speaks TAP itself.
# exit status: 0 if every scenario passed
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=tests/archive.sh
. tests/archive.sh
or_skip lab/image.sh 4.17

number=0
failed=0

# run NAME SCENARIO [ARGS...]: one test of this script; the scenario's TAP is in its log
run() {
    number=$((number + 1))
    name=$1
    shift
    logs=build/lab/logs/oxenstored-$name
    if lab/run --xenstored oxenstored --name "oxenstored-$name" --timeout 900 "$@" >/dev/null &&
        grep -q '^lab: xenstore is kept by oxenstored' "$logs/console.log"; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        grep -hE '^ *(not ok|#|1\.\.)' "$logs/stdout.log" | sed 's/^/# /'
        failed=1
    fi
}

run all tests/lab/oxenstored.sh
# By itself: it counts on the domain ids of a dom0 that has just started.
run pairs tests/lab/pairs.sh first
echo "1..$number"
exit $failed
