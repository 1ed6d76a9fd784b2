#!/bin/sh
# SPDX-License-Identifier: MIT
# Boots the rows of tests/boot/boot.table for one Xen, which this file's name ends with, and judges
# what they logged and how they ended.
# usage: tests/boot/boot-XEN.t [NAME...]    only the guests of these names
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
# shellcheck source=tests/lib/or_skip.sh
. "$(dirname "$0")/../lib/or_skip.sh"
cd "$root"

xen=$(basename "$0" .t)
xen=${xen#boot-}
build=build/tests/boot-$xen
rm -rf "$build"
mkdir -p "$build"

[ "$xen" = none ] || or_skip lab/image.sh "$xen"

say() { echo "boot-$xen: $*" >&2; }

# The rows for this Xen, blanks around fields removed: name|boots|settings|ends|verdict|golden
sed -e '/^#/d' -e '/^$/d' -e 's/ *| */|/g' -e 's/ *$//' tests/boot/boot.table |
    awk -F'|' -v xen="$xen" -v only=" $* " '
        (" " $2 " ") ~ (" " xen " ") && (only == "  " || index(only, " " $1 " ")) {
            print $1 "|" $3 "|" $4 "|" $5 "|" $6 "|" $7 }' >"$work/rows"
[ -s "$work/rows" ] || { fail "there are rows for Xen $xen"; done_testing; }

# address ELF SYMBOL
address() { nm "$1" | awk -v symbol="$2" '$3 == symbol { print $1 }'; }

# kernel VARIANT: the path of a build of the kernel. BUILD+CODE@FUNCTION is one whose FUNCTION
# begins with other code: ud2, which is an exception, ret, which makes it do nothing, or bytes in
# hexadecimal. There can be several.
kernel() {
    case $1 in
    plain) echo build/xenolith.elf ;;
    wrong-entry)
        # Each protocol enters at the other's entry point.
        elf=$build/wrong-entry.elf
        perl -e 'print pack("L<3a4Q<", 4, 8, 18, "Xen", hex shift)' \
            "$(address build/xenolith.elf multiboot2_start)" >"$work/note"
        objcopy --set-start="0x$(address build/xenolith.elf pvh_start)" \
            --update-section .note.Xen="$work/note" build/xenolith.elf "$elf"
        echo "$elf"
        ;;
    odd-entry)
        # At the end of the text, which is filled up with breakpoints: what a loader may leave in
        # EFLAGS (NT, IOPL, AC) and CR4 (DE, PSE, PGE, OSFXSR, OSXMMEXCPT), then pvh_start.
        elf=$build/odd-entry.elf
        objcopy --dump-section .text="$work/text" build/xenolith.elf
        perl -e 'my ($file, $start, $stack) = @ARGV;
            open F, "+<", $file; seek F, -64, 2; my $at = 0x100000 + tell F;
            read F, my $free, 64; die "no room for the entry" if $free ne "\xcc" x 64;
            my $code = pack "CVCVC", 0xbc, hex $stack, 0x68, 0x47002, 0x9d;
            $code .= pack "H*", "0f20e181c9980600000f22e1";
            $code .= pack "CV", 0xe9, (hex($start) - $at - length($code) - 5) & 0xffffffff;
            seek F, -64, 2; print F $code; printf "%x\n", $at' \
            "$work/text" "$(address build/xenolith.elf pvh_start)" \
            "$(address build/xenolith.elf boot_stack_top)" >"$work/entry"
        perl -e 'print pack("L<3a4Q<", 4, 8, 18, "Xen", hex shift)' "$(cat "$work/entry")" \
            >"$work/note"
        objcopy --update-section .text="$work/text" --update-section .note.Xen="$work/note" \
            build/xenolith.elf "$elf"
        echo "$elf"
        ;;
    *+*@*)
        from=$(kernel "${1%+*}")
        code=${1##*+}
        elf=$build/$1.elf
        objcopy --dump-section .text="$work/text" "$from"
        perl -e 'open F, "+<", $ARGV[0]; seek F, hex($ARGV[1]) - 0x100000, 0; print F pack "H*", $ARGV[2]' \
            "$work/text" "$(address "$from" "${code#*@}")" \
            "$(case ${code%@*} in ud2) echo 0f0b ;; ret) echo c3 ;; *) echo "${code%@*}" ;; esac)"
        objcopy --update-section .text="$work/text" "$from" "$elf"
        echo "$elf"
        ;;
    *) echo "build/$1/xenolith.elf" ;;
    esac
}

# iso NAME VARIANT ENTRY ARGS: makes $build/NAME.iso
iso() {
    case $2 in
    edited)
        # As a person would: another default, another role's arguments.
        sed -e 's/^set default=.*/set default=selftest/' -e 's/^set timeout=.*/set timeout=1/' \
            -e "s/^set selftest_args=.*/set selftest_args='message=\"edited by hand\"'/" \
            iso/boot/grub/grub.cfg >"$work/grub.cfg"
        tools/mkiso.sh --grub-cfg "$work/grub.cfg" build/xenolith.elf "$build/$1.iso"
        ;;
    64k)
        # GRUB takes no word this long from a file, but passes it on from a variable.
        {
            echo "set a='aaaaaaaaaaaaaaaa'"
            for _ in 1 2 3; do
                # shellcheck disable=SC2016 # GRUB's variable
                echo 'set a="$a$a$a$a$a$a$a$a$a$a$a$a$a$a$a$a"'
            done
            # shellcheck disable=SC2016
            echo 'multiboot2 /boot/xenolith.elf message=$a'
            echo boot
        } >"$work/grub.cfg"
        tools/mkiso.sh --grub-cfg "$work/grub.cfg" build/xenolith.elf "$build/$1.iso"
        ;;
    *) tools/mkiso.sh --default "$3" --args "$4" "$(kernel "$2")" "$build/$1.iso" ;;
    esac
}

long=$(head -c 65536 /dev/zero | tr '\0' a)
: >"$work/lab"
: >"$work/direct"
while IFS='|' read -r name boots settings ends verdict golden; do
    words=${boots#* }
    [ "$words" != "$boots" ] || words=
    how=${boots%% *}
    variant=${how#*:}
    [ "$variant" != "$how" ] || variant=plain
    case $how in
    iso*)
        entry=${words%% *}
        args=${words#* }
        [ "$args" != "$words" ] || args=
        iso "$name" "$variant" "$entry" \
            "$(printf '%s' "$args" | sed 's/@EPOCH@/1000000000000/')"
        image=$build/$name.iso
        words=
        ;;
    *)
        image=$(kernel "$variant")
        words=$(printf '%s' "$words" | sed "s/@64K@/$long/")
        ;;
    esac
    case $xen:$how in
    none:* | *:dom0*) echo "$name|$how|$image|$words|$settings" >>"$work/direct" ;;
    *) echo "$name|/lab/$image|$words|$settings|$ends" >>"$work/lab" ;;
    esac
done <"$work/rows"

# Guests of a dom0, all in one run of the lab.
: >"$work/ends"
logs=build/lab/logs/boot-$xen
if [ -s "$work/lab" ]; then
    cp "$work/lab" "$build/rows"
    say "$(wc -l <"$work/lab") guests on Xen $xen"
    lab/run --xen "$xen" --name "boot-$xen" --timeout 2400 --memory 10240 \
        --xen-args bootscrub=0 tests/boot/guests.sh "/lab/$build/rows" 2 >"$work/ends" ||
        fail "the lab ran to its end" "$(tail -n 3 "$logs/console.log")"
fi

# qemu NAME HOW IMAGE WORDS SETTINGS: a boot without Xen; prints the exit status.
qemu() {
    case $2 in
    iso*) set -- "$1" "$5" -cdrom "$3" ;;
    *) set -- "$1" "$5" -kernel "$3" -append "$4" ;;
    esac
    log=$logs/$1.serial.log
    options=$2
    shift 2
    status=0
    # shellcheck disable=SC2086 # several options
    timeout 100 qemu-system-x86_64 -machine pc -accel tcg -cpu max -m 64 -nodefaults \
        -display none -vga std -serial "file:$log" -device isa-debug-exit,iobase=0xf4,iosize=4 \
        $options "$@" >/dev/null 2>&1 || status=$?
    echo "$status"
}

mkdir -p "$logs"
while IFS='|' read -r name how image words settings; do
    case $how in
    dom0*)
        status=poweroff
        lab/run --xen "$xen" --name "boot-$xen-$name" --timeout 100 --kernel "$image" \
            --pvh-dom0 "$words" >"$logs/$name.serial.log" || status="status $?"
        ;;
    *) status=$(qemu "$name" "$how" "$image" "$words" "$settings") ;;
    esac
    echo "$name|$status" >>"$work/ends"
done <"$work/direct"

while IFS='|' read -r name boots settings ends verdict golden; do
    log=$logs/$name.serial.log
    ended=$(sed -n "s/^$name|//p" "$work/ends")
    # Before its console is up, a PVH guest can only be read in Xen's own log.
    [ -s "$log" ] || grep -aF ">> RESULT: ${verdict%%\**}" "$logs/console.log" >"$log" || :
    result=$(tr -d '\r' <"$log" | sed -n 's/.*>> RESULT: //p' | head -n 1)
    # The verdict is a pattern, so that an address in it can be any.
    # shellcheck disable=SC2254
    case $result in
    $verdict) judged=$ends ;;
    *) judged="another verdict" ;;
    esac
    [ "$(grep -ac '>> Control transferred' "$log")" -le 1 ] || judged="lines that come twice"
    if [ "$ended" = "$judged" ]; then
        pass "$name: $verdict, $ends"
    else
        fail "$name: $verdict, $ends" "RESULT: $result, ended: $ended; the end of $log:
$(tail -n 6 "$log" | tr -d '\r')"
        continue
    fi
    [ -z "$golden" ] ||
        expect 0 "$name: the log is $golden-$xen.log" tools/logdiff \
            "tests/boot/golden/$golden-$xen.log" "$log"
done <"$work/rows"

if [ -s "$work/lab" ]; then
    expect 1 "Xen's log is free of crashes and warnings" grep -aE \
        'domain_crash|Triple fault|Xen (WARN|BUG)|Assertion|vmexit failed|Failed vm entry' \
        "$logs/console.log"
fi
done_testing
