#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/lib/record and tests/lib/summary: the status, the longest tests and the reasons arrive.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "$root"

TAP_DIR=$work/tap
export TAP_DIR

# one NAME STATUS LINE...: a test that prints the lines and ends with the status
one() {
    one_file=$work/$1
    one_status=$2
    shift 2
    {
        echo '#!/bin/sh'
        for line; do echo "echo '$line'"; done
        echo "exit $one_status"
    } >"$one_file"
    chmod +x "$one_file"
}
one good.t 0 'ok 1 - good' '1..1'
one bad.t 3 'ok 1 - fine' '# about what is fine' 'not ok 2 - bad' '# got 5' '# expected 6' 'ok 3 - fine' \
    '# fine, too' 'not ok 4 - worse' '1..4'
# 3 + 50 lines.
one long.t 1 'not ok 1 - long' '# 1' '# 2' "$(printf '# more%.0s\n' $(seq 50))"
one died.t 9 'ok 1 - good'
one some.t 0 'ok 1 - the patch # SKIP no source' 'ok 2 - another' '1..2'
one none.t 0 '1..0 # SKIP no mirror'

expect 0 'record: a test that passes' tests/lib/record "$work/good.t"
says 'ok 1 - good' 'record: its TAP goes on to prove'
expect 3 'record: a test that fails keeps its status' tests/lib/record "$work/bad.t"
expect 0 'record: a test that skips a check' tests/lib/record "$work/some.t"
expect 0 'record: a test that skips all' tests/lib/record "$work/none.t"
for n in 1 2 3; do one "$n.t" 0 '1..0'; tests/lib/record "$work/$n.t" >/dev/null; done
for file in "$TAP_DIR"/*.s; do
    case $file in *good.t.s) echo 70 ;; *bad.t.s) echo 900 ;; *) echo 1 ;; esac >"$file"
done

expect 0 'summary: it ends with 0' tests/lib/summary "$TAP_DIR"
says 'The longest of 7 tests:' 'summary: it counts the tests'
order=$(printf '%s\n' "$output" | sed -n 's/^ *\([0-9]*\) s .*\.\(bad\|good\)\.t$/\1 \2/p' | tr '\n' ' ')
expect 0 'summary: the longest test comes first' test "$order" = '900 bad 70 good '
expect 0 'summary: it can be repeated' tests/lib/summary "$TAP_DIR"
expect 0 'summary: it names at most five tests' test "$(printf '%s\n' "$output" | grep -c ' s  ')" = 5
output=$(tests/lib/summary "$TAP_DIR")
says 'Skipped: 2' 'summary: it counts what was skipped'
says 'some.t: the patch no source' 'summary: it names a skipped check and the reason'
says 'none.t: no mirror' 'summary: it names a skipped test and the reason'
rm -f "$TAP_DIR"/*some* "$TAP_DIR"/*none*
expect 0 'summary: nothing skipped: it ends with 0' tests/lib/summary "$TAP_DIR"
says 'Skipped: nothing' 'summary: nothing skipped: it says so'

# What failed comes last, each check with its own diagnostics.
rm -f "$TAP_DIR"/*
tests/lib/record "$work/good.t" >/dev/null
expect 0 'summary: nothing failed: it ends with 0' tests/lib/summary "$TAP_DIR"
expect 1 'summary: nothing failed: it names no failure' grep -q 'Failed' <<END
$output
END
tests/lib/record "$work/bad.t" >/dev/null || :
expect 0 'summary: failed checks: it ends with 0' tests/lib/summary "$TAP_DIR"
last=$(printf '%s\n' "$output" | sed -n '/^Failed: .*bad\.t$/,$p' | tail -n +2)
expect 0 'summary: failed checks and their diagnostics come last' test "$last" = '    not ok 2 - bad
    # got 5
    # expected 6
    not ok 4 - worse'
tests/lib/record "$work/died.t" >/dev/null || :
output=$(tests/lib/summary "$TAP_DIR")
says 'no check of it says so; its exit status: 9' 'summary: a test that died is a failure'
rm -f "$TAP_DIR"/*
tests/lib/record "$work/long.t" >/dev/null || :
output=$(tests/lib/summary "$TAP_DIR")
says '    ... and 13 lines more' 'summary: it counts the lines that it leaves out'
expect 0 'summary: it prints at most 40 lines of a test' test "$(printf '%s\n' "$output" | grep -cE '^    (not ok|#)')" = 40
tests/lib/record "$work/good.t" >/dev/null
echo 'ok 1' >"$TAP_DIR/killed.t.tap"
output=$(tests/lib/summary "$TAP_DIR")
says 'Failed: killed.t' 'summary: a test that was killed is a failure'
rm -f "$TAP_DIR"/*
expect 2 'summary: it refuses a folder without records' tests/lib/summary "$work"

done_testing
