# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# Scenario for a patched Xen. dom0 (PV), HVM guests (from an ISO) and PVH guests in 64 bits, and an
# HVM and a PV guest in 32, call assignment_3; dom0 and a guest make thousands of bad calls beside a guest
# that watches its clock; dom0 floods Xen with hello.
# Needs: make assignment-callers build/hypercall.iso build/hvm32.iso (hypercall.t does it)
#
#   hypercall.sh [quick]      quick: one call of each kind of guest, for people to look at
# shellcheck source=lab/lib.sh
. lab/lib.sh
# shellcheck source=tests/lib/tap.sh
. tests/lib/tap.sh

peer=/lab/build/dom0/assignment
hvm=$lab_logs/any-hvm.cfg
pvh=$lab_logs/any-pvh.cfg
pv=$lab_logs/any-pv.cfg
common='memory=64
vcpus=1'
printf 'type="hvm"\nboot="d"\nvnc=0\nsdl=0\nusb=0\n%s\n' "$common" >"$hvm"
printf 'type="pvh"\nkernel="/lab/build/xenolith.elf"\n%s\n' "$common" >"$pvh"
printf 'type="pv"\nkernel="/lab/build/pv32.elf"\n%s\n' "$common" >"$pv"

# passed NAME SECONDS: waits for the guest's end and judges it by its verdict.
passed() {
    is "$(lab_wait_end "$1" "$2")" poweroff "$1: the shutdown reason is poweroff"
    check "$1: the verdict is PASS" grep -aq '^>> RESULT: PASS' "$lab_logs/$1.serial.log"
    grep -a '^not ok' "$lab_logs/$1.serial.log" | sed 's/^/# /'
    diag "$1: $(grep -ac '^ok ' "$lab_logs/$1.serial.log") checks of its own passed"
    lab_destroy "$1"
}

# xen_log: prints what Xen logged since the last time, without what guests may make it log: lines of
# their own, rate-limited ones, and (dN) lines; and without what a debug Xen remarks on the guest
# that provokes it on purpose: role=selftest, whose domain id is in $clock.
clock=none
xen_log() {
    xl dmesg -c | tr -d '\r' | tee -a "$lab_logs/xen.log" |
        grep -vE '^\(XEN\) (\[[^]]*\] )?(assignment_3: hello from d[0-9]+$|printk: [0-9]+ messages suppressed|.*:d'"$clock"'v0 |Dom'"$clock"' )|^\(d[0-9]+\)|^$'
}

# shellcheck disable=SC2317 # check calls it
flood() { "$peer" flood 5000 >"$lab_logs/flood.log" 2>&1; }
# shellcheck disable=SC2317
few() { [ "$1" -gt 0 ] && [ "$1" -lt 60 ]; }

if [ "${1-}" = quick ]; then
    "$peer" info >"$lab_logs/pv.log" || exit 1
    lab_create hvm "$hvm" iso=/lab/build/xenolith.iso || exit 1
    lab_create pvh "$pvh" 'cmdline="console=xen"' || exit 1
    passed hvm 120
    passed pvh 120
    echo
    echo "What the guests said (dom0 is the PV one):"
    grep version "$lab_logs/pv.log" | sed "s/^#/dom0:/"
    grep -aH 'assignment_3' "$lab_logs"/hvm.serial.log "$lab_logs"/pvh.serial.log |
        tr -d '\r' | sed "s|^$lab_logs/||; s|\\.serial\\.log:|: |"
    echo "What Xen said:"
    xl dmesg | grep assignment_3
    done_testing
fi

xen_log >/dev/null

"$peer" >"$lab_logs/pv.log" 2>&1
is $? 0 'dom0, PV: it passes the conformance checks'
grep -a '^not ok' "$lab_logs/pv.log" | sed 's/^/# /'
diag "dom0: $(grep -ac '^ok ' "$lab_logs/pv.log") checks of its own passed"

lab_create hvm64 "$hvm" iso=/lab/build/hypercall.iso || exit 1
passed hvm64 400
lab_create pvh64 "$pvh" 'cmdline="role=hypercall console=xen"' || exit 1
passed pvh64 120
lab_create hvm32 "$hvm" iso=/lab/build/hvm32.iso || exit 1
passed hvm32 120
lab_create pv32 "$pv" || exit 1
passed pv32 120
diag "$(xen_log | wc -l) other lines in Xen's log"

# Bad calls from dom0 and a guest, from before another guest reads its clock until after that.
random_calls() {
    until [ -e /tmp/clock.ended ]; do
        "$peer" random 10000 >>"$lab_logs/random.log" 2>&1 || return 1
    done
}
random_calls &
calls=$!
lab_create random "$pvh" 'cmdline="role=hypercall console=xen"' || exit 1
lab_create clock "$pvh" 'cmdline="role=selftest console=xen"' || exit 1
clock=$(xl domid clock)
xen_log >/dev/null
passed clock 400
: >/tmp/clock.ended
check 'dom0: its random calls beside the clock return as expected' wait $calls
passed random 400
xen_log >"$lab_logs/unexpected.log"
is "$(cat "$lab_logs/unexpected.log")" "" 'Xen: its log has rate-limited lines only'

xl dmesg -c >/dev/null
check 'dom0: it says hello 5000 times' flood
lines=$(xl dmesg | grep -c 'assignment_3: hello')
check "Xen: a flood of hello leaves few lines in its log: $lines" few "$lines"

bad=$(grep -ciE 'Xen WARN|Xen BUG|assertion|BUG at|\[ Xen-' "$lab_logs/xen.log")
is "$bad" 0 'Xen: its log has no warning, bug or assertion'
done_testing
