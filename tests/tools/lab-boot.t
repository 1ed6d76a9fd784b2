#!/bin/sh
# SPDX-License-Identifier: MIT
# lab/boot and the shared folders of lab/run refuse bad input before anything starts: each message
# names the input. tests/boot/foreign.t boots with them.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "$root"

kernel=build/xenolith.elf
iso=build/xenolith.iso
cd "$work"
echo hello >text
: >empty
head -c 512 /dev/zero >zeros
{ head -c 510 /dev/zero && printf '\125\252' && head -c 4096 /dev/zero; } >raw
printf 'QFI\373\0\0\0\003\0\0\0\0\0\0\1\0%0100d' 0 >overlay.qcow2
cp /bin/true program
echo hello | gzip >text.gz
head -c 15 text.gz >half.gz
cp "$root/$kernel" kernel.elf
objcopy --remove-section .note.Xen kernel.elf noteless.elf
cd "$root"

# refuses TEXT OPTION...: lab/boot ends with status 2 and says TEXT.
refuses() {
    refuses_text=$1
    shift
    expect 2 "lab/boot refuses: $(printf '%s ' "$@" | sed "s|$work/||g; s/ *$//")" lab/boot "$@"
    says "$refuses_text" "its message: $refuses_text"
}
refuses 'expected a file to boot'
refuses "unknown option '--colour'" --colour $kernel
refuses '--type needs a value' --type
refuses "no such file: nowhere.iso" nowhere.iso
refuses "'build': expected a file that can be read" build
refuses "empty' is empty" "$work/empty"
refuses 'neither an ISO, a disk image with a boot sector, nor a bzImage or ELF' "$work/text"
refuses 'neither an ISO, a disk image with a boot sector, nor a bzImage or ELF' "$work/zeros"
refuses 'expected a packed file to be an ELF kernel' "$work/text.gz"
refuses 'gzip cannot unpack it' "$work/half.gz"
refuses "an ELF with neither Xen's notes nor a Multiboot header" "$work/program"
refuses "needs another file, its backing file" "$work/overlay.qcow2"
refuses "--type 'vm': expected hvm, pvh or pv" --type vm $kernel
refuses 'which only HVM guests boot' --type pvh $iso
refuses 'has no note XEN_ELFNOTE_ENTRY' --type pv $kernel
refuses 'has no note XEN_ELFNOTE_PHYS32_ENTRY' --type pvh "$work/noteless.elf"
refuses 'has no Multiboot header' --type hvm "$work/program"
refuses "--timeout 'soon': expected 1 to 999999 seconds" --timeout soon $kernel
refuses "--timeout '0': expected 1 to 999999 seconds" --timeout 0 $kernel
refuses "--until '(': expected an extended regular expression" --until '(' $kernel
refuses "--ramdisk 'nowhere': expected a file that can be read" --ramdisk nowhere $kernel
refuses '--ramdisk is for kernels' --ramdisk "$work/text" $iso
refuses '--cmdline is for kernels' --cmdline role=none "$work/raw"
refuses '--cmdline: ' --cmdline 'a="b"' $kernel
refuses 'GRUB cannot pass on single quotes' --type hvm --cmdline "a='b'" $kernel
refuses '--screen: a guest of type pvh has no screen' --screen $kernel
refuses "--name '../x': expected letters, digits, _ and -" --name ../x $kernel
refuses "--name 'Domain-0': this is dom0" --name Domain-0 $kernel
refuses "setting 'fast': expected KEY=VALUE, as in xl.cfg" $kernel fast
refuses "setting 'memory=lots': expected MiB" $kernel memory=lots
refuses "setting 'name=x': expected --name" $kernel name=x
refuses "setting 'builder=hvm': expected --type" $kernel builder=hvm
refuses "expected it as FILE, --ramdisk or --cmdline" $kernel extra=quiet
refuses "setting 'on_crash=preserve': lab/boot sets this itself" $kernel on_crash=preserve
refuses 'is the disk' $iso "disk=['x']"
refuses 'expected its value between single quotes' $kernel 'uuid=a"b'
refuses "--share 'nowhere': expected a folder that can be read" --share nowhere $kernel
expect 0 'lab/boot --help: it prints the usage' lab/boot --help
says 'Exit status:' 'it has the exit statuses'
expect 1 'lab/boot: no copy is left of what it refused' \
    test -e build/lab/boot/xenolith-elf -o -e build/lab/boot/xenolith-iso -o -e build/lab/boot/program

# run_refuses TEXT OPTION...: the same for lab/run.
run_refuses() {
    refuses_text=$1
    shift
    expect 2 "lab/run refuses: $*" lab/run "$@"
    says "$refuses_text" "its message: $refuses_text"
}
run_refuses "--share 'nowhere': expected a folder that can be read" --share nowhere lab/demo.sh
run_refuses "--share-rw 'VERSION': expected a folder that can be read" --share-rw VERSION lab/demo.sh
run_refuses '--pvh-dom0 has no file system' --share build --pvh-dom0 role=none

done_testing
