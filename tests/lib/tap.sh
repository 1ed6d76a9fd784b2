# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# TAP for shell tests, on the host and in dom0: source it, run checks, end with done_testing. The
# plan comes last, so a test that dies early fails.
#
#   pass NAME                          ok NAME
#   fail NAME [DIAGNOSTICS]            not ok NAME
#   skip NAME WHY                      ok NAME # SKIP WHY
#   check NAME COMMAND...              passes if COMMAND succeeds
#   is GOT EXPECTED NAME               passes if both are the same text
#   expect STATUS NAME COMMAND...      passes if COMMAND ends with STATUS; $output: all it printed
#   says TEXT NAME                     passes if $output contains TEXT
#   diag TEXT                          a comment
#   done_testing                       prints the plan and ends: status 0 if no check failed
#
# $root is the project's root. $work is a folder for the test's files, removed at the end.

# A scenario can lie outside of the project: lab/run then starts it in the project's root.
root=$(cd "$(dirname "$0")/../.." && pwd)
[ -f "$root/tests/lib/tap.sh" ] || root=$PWD
# shellcheck source=tools/common.sh
. "$root/tools/common.sh"
make_work
export LC_ALL=C # tests read messages

tap_run=0
tap_failed=0
output=

pass() {
    tap_run=$((tap_run + 1))
    printf 'ok %d - %s\n' "$tap_run" "$1"
}

fail() {
    tap_run=$((tap_run + 1))
    tap_failed=$((tap_failed + 1))
    printf 'not ok %d - %s\n' "$tap_run" "$1"
    [ -z "${2-}" ] || diag "$2"
}

skip() {
    tap_run=$((tap_run + 1))
    printf 'ok %d - %s # SKIP %s\n' "$tap_run" "$1" "$2"
}

check() {
    tap_name=$1
    shift
    if "$@"; then pass "$tap_name"; else fail "$tap_name"; fi
}

is() {
    if [ "$1" = "$2" ]; then pass "$3"; else fail "$3" "got '$1', expected '$2'"; fi
}

expect() {
    tap_expected=$1
    tap_name=$2
    shift 2
    tap_status=0
    output=$("$@" 2>&1) || tap_status=$?
    if [ "$tap_status" -eq "$tap_expected" ]; then
        pass "$tap_name"
    else
        fail "$tap_name" "$* ended with $tap_status, not $tap_expected:
$output"
    fi
}

says() {
    case $output in
    *"$1"*) pass "$2" ;;
    *) fail "$2" "expected '$1' in:
$output" ;;
    esac
}

diag() { printf '%s\n' "$1" | sed 's/^/# /'; }

done_testing() {
    printf '1..%d\n' "$tap_run"
    exit $((tap_failed != 0))
}
