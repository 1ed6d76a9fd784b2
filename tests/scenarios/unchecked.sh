# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# Scenario for a Xen whose handler of assignment_3 does not check the pointers of 32-bit callers: a
# 32-bit PV guest reads Xen's memory. It shows what the check is for, and that our guest would notice.
# shellcheck source=lab/lib.sh
. lab/lib.sh
# shellcheck source=tests/lib/tap.sh
. tests/lib/tap.sh

printf 'type="pv"\nkernel="/lab/build/pv32.elf"\nmemory=64\nvcpus=1\n' >"$lab_logs/any-pv.cfg"
lab_create pv32 "$lab_logs/any-pv.cfg" || exit 1
is "$(lab_wait_end pv32 240)" crash 'pv32: the shutdown reason is crash'
log=$(tr -d '\r' <"$lab_logs/pv32.serial.log")
# A descriptor of code, ring 0, present, 64 bits.
descriptor=$(printf '%s\n' "$log" | sed -n 's/^not ok .* - 8 of 8 bytes of .*: \(0x[0-9a-f]*\)$/\1/p')
case $descriptor in
0xaf9[89ab]000000ffff) pass "pv32: it reads Xen's code segment descriptor: $descriptor" ;;
*) fail "pv32: it reads Xen's code segment descriptor" "$log" ;;
esac
is "$(printf '%s\n' "$log" | grep -c '^not ok')" 1 'pv32: it finds nothing else wrong'
done_testing
