#!/bin/sh
# SPDX-License-Identifier: MIT
# GRUB as Debian 12, 13 and testing have it, 2.06, 2.12 and 2.14 when last looked, boots the ISO: on
# real Xen, and for its menu, which is slow to draw there, without.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
# shellcheck source=tests/lib/or_skip.sh
. "$(dirname "$0")/../lib/or_skip.sh"
cd "$root"
or_skip lab/image.sh 4.17

build=build/tests/grub
logs=build/lab/logs/grub
kernel=build/xenolith.elf
rm -rf "$build"
mkdir -p "$build"
sed 's/^set timeout=.*/set timeout=1/' iso/boot/grub/grub.cfg >"$work/menu.cfg"

: >"$build/rows"
: >"$work/versions"
for suite in bookworm trixie testing; do
    status=0
    modules=$(tools/grub.sh $suite 2>"$work/why") || status=$?
    case $status in
    0) ;;
    77)
        skip "GRUB of Debian $suite" "$(tail -n 1 "$work/why")"
        continue
        ;;
    *)
        fail "GRUB of Debian $suite is there" "$(cat "$work/why")"
        continue
        ;;
    esac
    version=$(cat "$modules/version")

    expect 0 "GRUB $version of Debian $suite: an ISO whose menu is edited" \
        tools/mkiso.sh --grub "$modules" --grub-cfg "$work/menu.cfg" $kernel "$work/menu.iso"
    # The kernel finds no Xen and leaves QEMU by its isa-debug-exit, with 1.
    expect 1 "GRUB $version: it boots without Xen" timeout 100 qemu-system-x86_64 -accel tcg \
        -nodefaults -display none -m 64 -no-reboot -device isa-debug-exit,iobase=0xf4 \
        -serial "file:$work/log" -cdrom "$work/menu.iso"
    output=$(tr -d '\0\r' <"$work/log")
    says 'selftest: check every interface' "GRUB $version: the menu is on the serial line"
    says "Boot protocol: Multiboot2, by GRUB $version" "GRUB $version: it is this one that boots"
    says 'Command line: role=none ' "GRUB $version: the default entry, when the time is over"

    expect 0 "GRUB $version: an ISO with arguments" tools/mkiso.sh --grub "$modules" \
        --default none --args 'message="two  words"' $kernel "$build/$suite.iso"
    echo "$suite|/lab/$build/$suite.iso|||poweroff" >>"$build/rows"
    echo "$suite|$version" >>"$work/versions"
done

if [ -s "$build/rows" ]; then
    lab/run --name grub --timeout 900 tests/boot/guests.sh "/lab/$build/rows" 3 >"$work/ends" ||
        fail 'the lab ran to its end' "$(tail -n 3 "$logs/console.log")"
fi
while IFS='|' read -r suite version; do
    output=$(tr -d '\0\r' <"$logs/$suite.serial.log" || :)
    says "Boot protocol: Multiboot2, by GRUB $version" "GRUB $version on Xen: it boots the kernel"
    says 'Command line: role=none ' "GRUB $version on Xen: the entry's role arrives"
    says 'message="two  words"' "GRUB $version on Xen: so do its arguments"
    says '>> RESULT: PASS' "GRUB $version on Xen: the verdict"
    expect 0 "GRUB $version on Xen: the guest powers itself off" grep -x "$suite|poweroff" "$work/ends"
done <"$work/versions"

done_testing
