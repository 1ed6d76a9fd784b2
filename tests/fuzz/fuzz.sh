#!/bin/sh
# SPDX-License-Identifier: MIT
# Fuzzes every target for a while, starting from the saved corpus.
# usage: tests/fuzz/fuzz.sh DIRECTORY [SECONDS]
#   DIRECTORY holds the built fuzz_* programs; new inputs go to DIRECTORY/found/TARGET, failing
#   ones to DIRECTORY/TARGET-*. SECONDS is per target, 60 if not given.
# exit status: 0 if nothing failed, 1 if something did
# To keep what was found: FUZZ_PROGRAM -merge=1 tests/fuzz/corpus/TARGET DIRECTORY/found/TARGET
set -eu

[ $# -ge 1 ] || { echo "usage: $0 DIRECTORY-OF-FUZZ-PROGRAMS [SECONDS]" >&2; exit 2; }
here=$(dirname "$0")
seconds=${2:-60}
status=0
for source in "$here"/fuzz_*.c; do
    target=$(basename "$source" .c)
    target=${target#fuzz_}
    mkdir -p "$1/found/$target"
    set -- "$1" "-max_total_time=$seconds" -timeout=10 -print_final_stats=1 \
        "-artifact_prefix=$1/$target-"
    [ ! -f "$here/$target.dict" ] || set -- "$@" "-dict=$here/$target.dict"
    echo "== fuzz_$target, $seconds seconds"
    directory=$1
    shift
    if ! timeout $((seconds + 60)) "$directory/fuzz_$target" "$@" "$directory/found/$target" \
        "$here/corpus/$target" > "$directory/$target.log" 2>&1; then
        status=1
        echo "fuzz_$target failed: the input is in $directory/$target-*, the end of its log:"
        tail -n 40 "$directory/$target.log"
    fi
    grep -E '^stat::|^Done|^artifact' "$directory/$target.log" || true
    set -- "$directory"
done
exit $status
