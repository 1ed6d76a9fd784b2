#!/bin/sh
# SPDX-License-Identifier: MIT
# lab/boot boots kernels that nobody here wrote, from Debian's packages, on Xen 4.17.
# usage: tests/boot/foreign.t [NAME...]    of: ends, share, grub, pvh (default: these), pv, hvm,
#                                          disk, memtest, which tests/slow/foreign-slow.t runs
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "$root"
# shellcheck source=tests/lib/or_skip.sh
. tests/lib/or_skip.sh
or_skip lab/image.sh 4.17
[ $# -gt 0 ] || case $0 in
*-slow.t) set -- pv hvm disk memtest ;;
*) set -- ends share grub pvh ;;
esac

# package NAME: sets $package to the folder of a package's files, or skips the test.
package() {
    or_skip tools/debian-package.sh bookworm "$1"
    package=$(tools/debian-package.sh bookworm "$1")
}

# Debian's Linux, and an initial RAM disk whose first process says what it runs on.
linux() {
    [ -z "${bzimage-}" ] || return 0
    package linux-image-amd64
    package "$(grep -m 1 '^linux-image-[0-9]' "$package/.depends")"
    bzimage=$(ls "$package"/boot/vmlinuz-*)
    package busybox-static
    mkdir -p "$work/tree/bin" "$work/tree/proc" "$work/tree/sys" "$work/tree/dev"
    cp "$package/bin/busybox" "$work/tree/bin/"
    cat >"$work/tree/init" <<'END'
#!/bin/busybox sh
busybox mount -t proc proc /proc
busybox mount -t sysfs sys /sys
read -r guest </sys/hypervisor/guest_type
read -r words </proc/cmdline
echo "init: a guest of type $guest, started with '$words'"
busybox poweroff -f
END
    chmod +x "$work/tree/init"
    (cd "$work/tree" && find . | cpio --quiet -o -H newc -R 0:0 | gzip) >"$work/ramdisk.gz"
}

# boots STATUS NAME OPTION...: lab/boot's status; $log has its messages, $log.out the console.
boots() {
    boots_status=$1 boots_name=$2
    shift 2
    log=$work/$boots_name.err
    # shellcheck disable=SC2016 # the inner shell's
    expect "$boots_status" "$boots_name: lab/boot ends with $boots_status" \
        sh -c 'log=$1 && shift && exec "$@" >"$log.out" 2>"$log"' - "$log" \
        lab/boot --name "foreign-$boots_name" --timeout 900 "$@"
    [ "$tap_status" = "$boots_status" ] || diag "$(tail -n 12 "$log")"
}
# logs TEXT NAME: a message of lab/boot says TEXT
logs() { expect 0 "$2" grep -F -- "$1" "$log"; }

for name; do
    case $name in
    grub)
        package grub-rescue-pc
        boots 0 grub --screen --until 'Change the +colors' \
            "$package/usr/lib/grub-rescue/grub-rescue-cdrom.iso"
        logs 'this line matches: ' 'grub: its menu is on the screen'
        kept=build/lab/logs/foreign-grub/foreign-grub
        expect 0 'grub: the text of the screen is kept' grep 'GNU GRUB  version 2' $kept.screen.txt
        is "$(head -c 4 $kept.png | tail -c 3)" PNG 'grub: so is its picture'
        ;;
    memtest)
        package memtest86+
        boots 0 memtest --screen --until 'Test #[0-9]' \
            "$package/usr/lib/memtest86+/memtest86+x64.iso"
        logs 'Test #' 'memtest: it tests'
        expect 0 'memtest: the screen names it' \
            grep 'Memtest86+ v' build/lab/logs/foreign-memtest/foreign-memtest.screen.txt
        ;;
    disk)
        package grub-rescue-pc
        boots 0 disk --until 'GNU GRUB +version 2' \
            "$package/usr/lib/grub-rescue/grub-rescue-floppy.img"
        logs 'this line matches: ' 'disk: the disk image boots'
        ;;
    pv | pvh | hvm)
        linux
        case $name in
        hvm) console=ttyS0,115200 guest=HVM ;;
        pv) console=hvc0 guest=PV ;;
        pvh) console=hvc0 guest=PVH ;;
        esac
        boots 0 "$name" --type "$name" --ramdisk "$work/ramdisk.gz" \
            --cmdline "console=$console quiet words=two" "$bzimage"
        logs 'the guest has powered itself off' "$name: the message says how it ended"
        output=$(cat "$log.out")
        says "init: a guest of type $guest, started with '" "$name: Linux says what it runs on"
        says "console=$console quiet words=two'" "$name: the command line arrives"
        ;;
    ends)
        # Our own kernel, which ends as it is told to.
        boots 1 crash --cmdline role=banana build/xenolith.elf
        logs 'the guest ended: crash' 'crash: the message says how it ended'
        boots 124 halt --timeout 20 --until 'never printed' --cmdline exit=halt build/xenolith.elf
        logs "the guest's time of 20 s is up, and no line matched 'never printed'" \
            'halt: the message says what it waited for'
        boots 4 refused build/xenolith.elf vcpus=9999
        logs 'xl create foreign-refused failed' 'refused: the message is that of xl'
        ;;
    share)
        mkdir "$work/read, only" "$work/rw"
        echo 'from the host' >"$work/read, only/file"
        cat >"$work/read, only/scenario.sh" <<'END'
cp /lab/share/file /lab/share-rw/copy
touch /lab/share/file 2>/dev/null && echo 'it can be written to'
echo "$1" && exit 42
END
        expect 42 'share: a scenario outside of the tree runs, with its own files' \
            lab/run --name foreign-share --share "$work/read, only" --share-rw "$work/rw" \
            "$work/read, only/scenario.sh" 'an argument'
        says 'an argument' 'share: the scenario gets its arguments'
        expect 0 'share: what dom0 wrote is in the folder for that' \
            grep -x 'from the host' "$work/rw/copy"
        expect 1 'share: the other folder is read-only' \
            grep -q 'it can be written to' build/lab/logs/foreign-share/stdout.log
        ;;
    *) die 2 "'$name': expected one of those that the head of $0 names" ;;
    esac
done
done_testing
