#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Makes a bootable ISO (BIOS, GRUB 2) of the tree in iso/ and a kernel.
#
#   tools/mkiso.sh [--default ENTRY [--args WORDS]] [--grub-cfg FILE] [--grub DIR] KERNEL.elf OUT.iso
#
#   --default ENTRY   boot this menu entry at once, without showing the menu
#   --args WORDS      that entry's arguments, written as grub.cfg has them between single quotes
#   --grub-cfg FILE   the menu to use instead of iso/boot/grub/grub.cfg
#   --grub DIR        the modules of the GRUB that boots it (default: /usr/lib/grub/i386-pc);
#                     tools/grub.sh gets those of other Debians
#
# The volume id is XENOLITH_ and the version. The same input makes the same bytes: every date on
# the ISO is SOURCE_DATE_EPOCH (seconds; default: the last commit's date). OBJCOPY names the objcopy
# that removes symbols.
# Exit status: 0 OUT.iso is written; 1 it is not, and an old OUT.iso is unchanged; 2 usage.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)

# shellcheck source=tools/common.sh
. "$root/tools/common.sh"

usage='usage: mkiso.sh [--default ENTRY [--args WORDS]] [--grub-cfg FILE] [--grub DIR] KERNEL.elf OUT.iso'
grub=/usr/lib/grub/i386-pc
grub_cfg=$root/iso/boot/grub/grub.cfg
unset entry args
while [ $# -gt 0 ]; do
    case $1 in
    --default | --args | --grub-cfg | --grub) [ $# -ge 2 ] || die 2 "$1 needs a value; $usage" ;;
    --*) die 2 "unknown option '$1'; $usage" ;;
    *) break ;;
    esac
    case $1 in
    --default) entry=$2 ;;
    --args) args=$2 ;;
    --grub-cfg) grub_cfg=$2 ;;
    --grub) grub=$2 ;;
    esac
    shift 2
done
[ $# -eq 2 ] || die 2 "$usage"
kernel=$1
out=$2
[ -z "${args+given}" ] || [ -n "${entry+given}" ] || die 2 "--args needs --default: whose arguments?"
case ${entry-none} in
'' | *[!a-z0-9_]*) die 2 "--default '$entry': expected an entry's --id (a-z, 0-9, _)" ;;
esac
newline='
'
case ${args-} in
*"$newline"*) die 2 "--args: expected one line" ;;
esac

for tool in grub-file grub-mkrescue xorriso "${OBJCOPY:=objcopy}"; do
    command -v "$tool" >/dev/null || die 1 "$tool is not installed"
done
[ -e "$grub/multiboot2.mod" ] ||
    die 1 "'$grub' has no multiboot2.mod: expected the modules of GRUB for BIOS (Debian: grub-pc-bin)"
[ -r "$kernel" ] || die 1 "cannot read the kernel '$kernel'"
[ -r "$grub_cfg" ] || die 1 "cannot read '$grub_cfg'"
[ -d "$(dirname "$out")" ] || die 1 "'$out': its directory does not exist"
grub-file --is-x86-multiboot2 "$kernel" ||
    die 1 "'$kernel' has no Multiboot2 header in its first 32 KiB: GRUB could not boot it"

: "${SOURCE_DATE_EPOCH:=$(git -C "$root" log -1 --format=%ct 2>/dev/null || echo 1609459200)}"
case $SOURCE_DATE_EPOCH in
'' | *[!0-9]*) die 1 "SOURCE_DATE_EPOCH is '$SOURCE_DATE_EPOCH': expected seconds since 1970" ;;
esac
export SOURCE_DATE_EPOCH

# A volume id has capitals, digits and underscores.
volume_id=XENOLITH_$(tr 'a-z.-' 'A-Z__' <"$root/VERSION")

# Beside OUT.iso, so that the last step is a rename. grub-mkrescue's own litter lands here too.
work=$(mktemp -d "$(dirname "$out")/.mkiso.XXXXXX")
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work"

cp -R "$root/iso" "$work/iso"
menu=$work/iso/boot/grub/grub.cfg
cp "$grub_cfg" "$menu"

# set_in_menu NAME VALUE: changes the menu's one line `set NAME=...`.
set_in_menu() {
    count=$(grep -c "^set $1=" "$menu" || true)
    [ "$count" -eq 1 ] || die 1 "'$grub_cfg' has $count lines 'set $1=...': expected one"
    quoted=$(printf '%s\n' "$2" | sed "s/'/'\\\\''/g")
    LINE="set $1='$quoted'" awk -v start="set $1=" \
        'index($0, start) == 1 { print ENVIRON["LINE"]; next } { print }' "$menu" >"$work/menu"
    mv "$work/menu" "$menu"
}

if [ -n "${entry+given}" ]; then
    grep -Eq "^menuentry .* --id $entry( |\$)" "$menu" ||
        die 1 "'$grub_cfg' has no menu entry with --id $entry"
    set_in_menu default "$entry"
    set_in_menu timeout 0
    [ -z "${args+given}" ] || set_in_menu "${entry}_args" "$args"
fi

# At a longer token GRUB's scanner halts the machine, and says so only on the screen.
long=$(LC_ALL=C awk 'length > 8000 { print NR; exit }' "$menu")
[ -z "$long" ] || die 1 "line $long of the menu is longer than the 8000 bytes that GRUB can read"

"$OBJCOPY" --strip-all "$kernel" "$work/iso/boot/xenolith.elf"
grub-file --is-x86-multiboot2 "$work/iso/boot/xenolith.elf" ||
    die 1 "'$kernel' lost its Multiboot2 header to $OBJCOPY --strip-all"

# The modules go into the boot image itself, compressed and read at once, rather than onto the disc
# as files. GRUB asks for every part_* module and complains, on the screen, about missing ones.
modules="normal iso9660 multiboot2 serial terminal test echo configfile eval"
for module in "$grub"/part_*.mod; do
    modules="$modules $(basename "$module" .mod)"
done
# GRUB reads 32 KiB at a time and fails if that goes past the end of the disc: hence the padding.
grub-mkrescue -d "$grub" --fonts= --themes= --locales= \
    --modules="$modules" --install-modules=normal \
    -o "$work/out.iso" "$work/iso" -- \
    -padding 64k \
    -volid "$volume_id" \
    -volume_date uuid "$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M%S00)" \
    -volume_date all_file_dates "=$SOURCE_DATE_EPOCH" >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    die 1 "grub-mkrescue failed"
}
mv "$work/out.iso" "$out"
