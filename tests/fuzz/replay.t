#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs every fuzz target over its saved corpus and prints TAP.
# usage: tests/fuzz/replay.t [DIRECTORY]    (of the built fuzz_* programs; default build/fuzz)
# exit status: 0 if every input of every target passes, 1 if not, or if a corpus is empty
set -eu

here=$(dirname "$0")
number=0
status=0
for source in "$here"/fuzz_*.c; do
    target=$(basename "$source" .c)
    target=${target#fuzz_}
    number=$((number + 1))
    # One by one: an empty corpus passes the pattern itself, which is no file, and fails.
    if output=$(timeout 120 "${1:-build/fuzz}/fuzz_$target" -timeout=10 "$here/corpus/$target"/* 2>&1); then
        echo "ok $number - corpus of fuzz_$target"
    else
        echo "$output" | tail -n 40 | sed 's/^/# /'
        echo "not ok $number - corpus of fuzz_$target"
        status=1
    fi
done
echo "1..$number"
exit $status
