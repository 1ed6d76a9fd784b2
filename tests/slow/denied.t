#!/bin/sh
# SPDX-License-Identifier: MIT
# assignment_3 under a security policy of Flask that grants nobody the permission: -EACCES. The same
# Xen that only reports what it would deny answers.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "$root"

tools/need flask
make -s --no-print-directory all >&2
status=0
output=$(tools/build-xen.sh --config CONFIG_XSM=y --edit '/ assignment_3;/d' \
    --in tools/flask/policy/modules/guest_features.te --as denied 4.17 2>&1) || status=$?
[ $status != 77 ] || {
    echo "1..0 # SKIP $(printf '%s\n' "$output" | tail -n 1)"
    exit
}
is $status 0 'Xen 4.17 with Flask and that policy: it compiles' || diag "$output"

# boots MODE NAME: the kernel as dom0, with flask=MODE.
boots() {
    expect 0 "$1: the kernel ends by itself" lab/run --xen 4.17-denied --name "denied-$1" \
        --timeout 240 --xen-args "flask=$1" --pvh-dom0 role=none
    says '>> RESULT: PASS' "$1: the verdict is PASS"
}
boots enforcing
says '>> assignment_3: refused (-EACCES)' 'enforcing: the call is refused with -EACCES, which is Flask'"'"'s error'
boots permissive
says '>> assignment_3: version 2, domain 0, HVM, call 1' 'permissive: the call answers'
says 'avc:  denied  { assignment_3 }' 'permissive: Xen reports what it would deny'
done_testing
