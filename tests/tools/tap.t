#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/lib/tap.sh: its TAP, its status, and where a script that sources it can lie.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "$root"

# script LINE...: a script outside of the project, started in the project's root as lab/run does it
script() {
    mkdir -p "$work/far/from/here"
    printf '%s\n' '. tests/lib/tap.sh' "$@" >"$work/far/from/here/script.sh"
    expect_script=$work/far/from/here/script.sh
}

# shellcheck disable=SC2016 # the script's own
script 'check "the root is found" [ -f "$root/lab/run" ]' 'done_testing'
expect 0 'tap.sh: a script outside of the project finds it' sh "$expect_script"
is "$output" 'ok 1 - the root is found
1..1' 'tap.sh: a passed check is a line, the plan comes last'

script 'is a b "letters"' 'done_testing'
expect 1 'tap.sh: a failed check makes the status 1' sh "$expect_script"
says "not ok 1 - letters
# got 'a', expected 'b'" 'tap.sh: a failed check says what it got'

# shellcheck disable=SC2016
script 'echo "$work" >'"'$work/name'" 'pass first' 'exit 0' 'done_testing'
expect 0 'tap.sh: a script can end early' sh "$expect_script"
is "$output" 'ok 1 - first' 'tap.sh: a script that ends early has no plan, which prove refuses'
expect 1 'tap.sh: its folder goes with the script' test -e "$(cat "$work/name")"

done_testing
