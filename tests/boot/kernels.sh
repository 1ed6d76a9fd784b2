# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# shellcheck disable=SC2154 # $work and $build are the includer's
#
# The kernels and ISOs that rows of tests/boot/boot.table name. Source it after tests/lib/tap.sh,
# from the project's root, with $build set to the folder for what is made.
#
#   kernel VARIANT                 prints the path of that build of the kernel
#   iso NAME VARIANT ENTRY ARGS    makes $build/NAME.iso

# address ELF SYMBOL: prints the symbol's address in hexadecimal; fails unless there is one of it.
address() {
    nm "$1" | awk -v symbol="$2" '
        $3 == symbol { print $1; count++ }
        END {
            if (count == 1) exit 0
            print symbol ": " count + 0 " symbols of this name, expected one" >"/dev/stderr"
            exit 1
        }'
}

# pvh_note ADDRESS: prints the ELF note that makes ADDRESS the entry of PVH.
pvh_note() { perl -e 'print pack("L<3a4Q<", 4, 8, 18, "Xen", hex shift)' "$1"; }

# Each protocol enters at the other's entry point.
wrong_entry() {
    pvh_note "$(address build/xenolith.elf multiboot2_start)" >"$work/note"
    objcopy --set-start="0x$(address build/xenolith.elf pvh_start)" \
        --update-section .note.Xen="$work/note" build/xenolith.elf "$build/wrong-entry.elf"
    echo "$build/wrong-entry.elf"
}

# The entry sets what a loader may leave in EFLAGS (NT, IOPL, AC) and CR4 (DE, PSE, PGE, OSFXSR,
# OSXMMEXCPT), then jumps to pvh_start. It lies at the end of the text, which is filled up with
# breakpoints.
odd_entry() {
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
    pvh_note "$(cat "$work/entry")" >"$work/note"
    objcopy --update-section .text="$work/text" --update-section .note.Xen="$work/note" \
        build/xenolith.elf "$build/odd-entry.elf"
    echo "$build/odd-entry.elf"
}

# edited BUILD+CODE@FUNCTION: BUILD with other code at the begin of FUNCTION: ud2, which is an
# exception, ret, which makes it do nothing, or bytes in hexadecimal. BUILD can be edited, too.
edited() {
    edited_from=$(kernel "${1%+*}")
    edited_code=${1##*+}
    edited_at=$(address "$edited_from" "${edited_code#*@}")
    edited_code=${edited_code%@*}
    case $edited_code in
    ud2) edited_code=0f0b ;;
    ret) edited_code=c3 ;;
    esac
    objcopy --dump-section .text="$work/text" "$edited_from"
    perl -e 'my ($file, $at, $code) = @ARGV;
        open F, "+<", $file; seek F, hex($at) - 0x100000, 0; print F pack "H*", $code' \
        "$work/text" "$edited_at" "$edited_code"
    objcopy --update-section .text="$work/text" "$edited_from" "$build/$1.elf"
    echo "$build/$1.elf"
}

kernel() {
    case $1 in
    plain) echo build/xenolith.elf ;;
    wrong-entry) wrong_entry ;;
    odd-entry) odd_entry ;;
    *+*@*) edited "$1" ;;
    *) echo "build/$1/xenolith.elf" ;;
    esac
}

# The menu as a person edits it: another default, other arguments of a role.
edited_menu() {
    sed -e 's/^set default=.*/set default=selftest/' -e 's/^set timeout=.*/set timeout=1/' \
        -e "s/^set selftest_args=.*/set selftest_args='message=\"edited by hand\"'/" \
        iso/boot/grub/grub.cfg
}

# A command line of more than 64 KiB. GRUB reads no word this long from a file, but passes it on
# from a variable.
long_menu() {
    echo "set a='aaaaaaaaaaaaaaaa'"
    for _ in 1 2 3; do
        # shellcheck disable=SC2016 # GRUB's variable
        echo 'set a="$a$a$a$a$a$a$a$a$a$a$a$a$a$a$a$a"'
    done
    # shellcheck disable=SC2016
    echo 'multiboot2 /boot/xenolith.elf message=$a'
    echo boot
}

iso() {
    case $2 in
    edited) edited_menu >"$work/grub.cfg" ;;
    64k) long_menu >"$work/grub.cfg" ;;
    *)
        tools/mkiso.sh --default "$3" --args "$4" "$(kernel "$2")" "$build/$1.iso"
        return
        ;;
    esac
    tools/mkiso.sh --grub-cfg "$work/grub.cfg" build/xenolith.elf "$build/$1.iso"
}
