#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs every fuzz target of build/fuzz over its saved corpus.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "$root"

# replay TARGET: input by input. An empty corpus passes the pattern itself, which is no file.
# shellcheck disable=SC2317 # expect calls it
replay() { timeout 120 "build/fuzz/fuzz_$1" -timeout=10 "tests/fuzz/corpus/$1"/*; }

for source in tests/fuzz/fuzz_*.c; do
    target=$(basename "$source" .c)
    target=${target#fuzz_}
    expect 0 "fuzz_$target: its corpus passes" replay "$target"
done

done_testing
