#!/bin/sh
# SPDX-License-Identifier: MIT
# tools/mkiso.sh and iso/boot/grub/grub.cfg: the ISO's size and bytes, what is refused, and that
# GRUB hands each word of the menu's arguments to the kernel as it was meant.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

mkiso=$root/tools/mkiso.sh
kernel=$root/build/xenolith.elf
menu=$root/iso/boot/grub/grub.cfg
iso=$work/iso/out.iso
mkdir "$work/iso" "$work/tmp"
TMPDIR=$work/tmp
export TMPDIR

expect 0 'mkiso: it makes an ISO of the kernel' "$mkiso" "$kernel" "$iso"
size=$(wc -c <"$iso")
expect 0 "ISO: it has at most 900 kB: $size bytes" test "$size" -le 900000

# Later, by someone with other habits, somewhere else.
sleep 1.1
# shellcheck disable=SC2016 # for the inner shell
expect 0 'mkiso: it makes the same ISO again' \
    sh -c 'umask 077 && TZ=Asia/Tokyo "$0" "$1" "$2"' "$mkiso" "$kernel" "$work/iso/again.iso"
expect 0 'ISO: its bytes are the same, later and elsewhere' cmp "$iso" "$work/iso/again.iso"
expect 0 'mkiso: it makes an ISO of another date' \
    env SOURCE_DATE_EPOCH=1000000000 "$mkiso" "$kernel" "$work/iso/again.iso"
expect 1 'ISO: another date makes other bytes' cmp "$iso" "$work/iso/again.iso"
expect 0 'ISO: its volume id can be read' xorriso -indev "$iso" -pvd_info
says "Volume Id    : XENOLITH_$(tr . _ <"$root/VERSION")" 'ISO: its volume id is the version'
expect 0 'ISO: it holds the menu that people edit' \
    xorriso -osirrox on -indev "$iso" -extract /boot/grub/grub.cfg "$work/grub.cfg"
expect 0 'ISO: its menu is byte by byte ours' cmp "$menu" "$work/grub.cfg"
# Another GRUB: the installed one with other words in its first sector.
cp -R /usr/lib/grub/i386-pc "$work/grub"
LC_ALL=C sed -i 's/cdrom read fails/another GRUB says/' "$work/grub/cdboot.img"
expect 0 'mkiso: it takes the GRUB of another folder' \
    "$mkiso" --grub "$work/grub" "$kernel" "$work/iso/again.iso"
expect 0 'ISO: that GRUB is on it' grep -aq "another GRUB says" "$work/iso/again.iso"
expect 1 'ISO: that GRUB is not on the other' grep -aq "another GRUB says" "$iso"
rm -f "$work/iso/again.iso"

# refused STATUS NAME MESSAGE ARGUMENT...: mkiso.sh says MESSAGE, and leaves the ISO that was
# there as it was and nothing else.
cp "$iso" "$work/before.iso"
left=$(ls -A "$work/iso" "$work/tmp")
refused() {
    refused_status=$1
    refused_name=$2
    refused_message=$3
    shift 3
    expect "$refused_status" "mkiso: it refuses $refused_name" "$mkiso" "$@"
    says "$refused_message" "mkiso: the message about $refused_name"
    expect 0 "mkiso: after $refused_name the old ISO is as it was" cmp "$iso" "$work/before.iso"
    expect 0 "mkiso: after $refused_name nothing is left behind" test "$(ls -A "$work/iso" "$work/tmp")" = "$left"
}
refused 1 'a program that is no Multiboot2 kernel' 'has no Multiboot2 header' /bin/true "$iso"
refused 1 'a kernel that does not exist' "cannot read the kernel '$work/no.elf'" "$work/no.elf" "$iso"
refused 1 'a folder that does not exist' 'its directory does not exist' "$kernel" "$work/no/out.iso"
refused 2 'no arguments' 'usage: '
refused 2 'an unknown option' "unknown option '--defualt'" --defualt none "$kernel" "$iso"
refused 2 'an option without its value' '--grub-cfg needs a value' --grub-cfg
refused 2 'arguments for no entry' '--args needs --default' --args exit=halt "$kernel" "$iso"
refused 2 'two lines of arguments' '--args: expected one line' \
    --default none --args "$(printf 'a\nb')" "$kernel" "$iso"
refused 2 'an entry that cannot be' "--default 'no ne'" --default 'no ne' "$kernel" "$iso"
refused 1 'an entry that is not in the menu' 'no menu entry with --id nome' \
    --default nome "$kernel" "$iso"
refused 1 'a menu that does not exist' "cannot read '$work/no.cfg'" \
    --grub-cfg "$work/no.cfg" "$kernel" "$iso"
refused 1 'a GRUB that does not exist' "'$work/no' has no multiboot2.mod: expected" \
    --grub "$work/no" "$kernel" "$iso"
for name in default timeout none_args; do
    sed "/^set $name=/d" "$menu" >"$work/less.cfg"
    refused 1 "a menu without $name" "has 0 lines 'set $name=...'" \
        --grub-cfg "$work/less.cfg" --default none --args exit=halt "$kernel" "$iso"
done
sed 's/^set timeout=.*/&\n&/' "$menu" >"$work/twice.cfg"
refused 1 'a menu with timeout twice' "has 2 lines 'set timeout=...'" \
    --grub-cfg "$work/twice.cfg" --default none "$kernel" "$iso"
refused 1 'a line that GRUB cannot read' 'longer than the 8000 bytes' \
    --default none --args "message=$(head -c 9000 /dev/zero | tr '\0' x)" "$kernel" "$iso"
SOURCE_DATE_EPOCH=yesterday
export SOURCE_DATE_EPOCH
refused 1 'a date that is no number' "SOURCE_DATE_EPOCH is 'yesterday'" "$kernel" "$iso"
unset SOURCE_DATE_EPOCH

# stand_in COMMAND: puts a grub-mkrescue first on PATH that writes something, then does COMMAND.
mkdir "$work/bin"
path=$PATH
PATH=$work/bin:$PATH
stand_in() {
    cat >"$work/bin/grub-mkrescue" <<END
#!/bin/sh
mktemp -d >/dev/null
while [ "\$1" != -o ]; do shift; done
echo half an ISO >"\$2"
$1
END
    chmod +x "$work/bin/grub-mkrescue"
}
stand_in 'echo no room left >&2; exit 1'
refused 1 'a failure of grub-mkrescue' 'no room left' "$kernel" "$iso"
stand_in 'sleep 60'
expect 130 'mkiso: Ctrl-C ends it' timeout --preserve-status -s INT 1 "$mkiso" "$kernel" "$iso"
expect 0 'mkiso: after Ctrl-C the old ISO is as it was' cmp "$iso" "$work/before.iso"
expect 0 'mkiso: after Ctrl-C nothing is left behind' test "$(ls -A "$work/iso" "$work/tmp")" = "$left"
PATH=$path

# boot NAME SERIAL ISO: the kernel finds no Xen and leaves QEMU by its isa-debug-exit, with 1.
boot() {
    expect 1 "$1" timeout 60 qemu-system-x86_64 -accel tcg -nodefaults -display none -m 64 \
        -no-reboot -device isa-debug-exit,iobase=0xf4 -serial "$2" -cdrom "$3"
}
# arrives NAME ARGUMENTS PARSED: from the menu's ARGUMENTS the kernel reads PARSED.
arrives() {
    "$mkiso" --default selftest --args "$2" "$kernel" "$work/iso/args.iso"
    boot "menu: the ISO boots with $1" "file:$work/log" "$work/iso/args.iso"
    output=$(tr -d '\0\r' <"$work/log")
    says "$3" "menu: the kernel reads $1 as it was meant"
    says 'Command line: role=selftest ' "menu: with $1 the entry keeps its role"
}
arrives 'no arguments' '' 'peer=auto'
arrives 'several arguments' 'peer=7  hypercall=direct' 'peer=7 gref=auto hypercall=direct'
arrives 'a value in double quotes' 'message="two  words" peer=7' 'message="two  words"'
arrives 'a whole word in double quotes' '"message=two  words" peer=7' 'message="two  words"'
arrives 'an apostrophe' "message=\"it's me\"" "message=\"it's me\""
arrives 'quotes and backslashes' 'message="a \"b\" \\ c"' 'message="a \"b\" '
arrives "what GRUB's language is made of" 'message="; | & { } < > # 100%"' \
    'message="; | & { } < > # 100%"'

sed 's/^set timeout=.*/set timeout=1/' "$menu" >"$work/edited.cfg"
"$mkiso" --grub-cfg "$work/edited.cfg" "$kernel" "$work/iso/edited.iso"
boot 'menu: the ISO boots with a menu edited by hand' "file:$work/log" "$work/iso/edited.iso"
output=$(tr -d '\0\r' <"$work/log")
says 'selftest: check every interface' 'menu: it is on the serial line'
says 'Command line: role=none ' 'menu: its default entry boots after the timeout'
boot 'ISO: a machine without a serial port boots it' none "$work/iso/edited.iso"

# Under Xen each sector costs tens of milliseconds where the machine is emulated.
expect 1 'ISO: it boots with its reads counted' timeout 60 qemu-system-x86_64 -accel tcg -nodefaults \
    -display none -m 64 -no-reboot -device isa-debug-exit,iobase=0xf4 -cdrom "$iso" \
    -trace cd_read_sector -D "$work/log"
sectors=$(grep -c cd_read_sector "$work/log" || true)
expect 0 "GRUB: it reads 1 to 300 sectors: $sectors" \
    test "$sectors" -gt 0 -a "$sectors" -le 300

done_testing
