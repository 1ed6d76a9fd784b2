#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Makes the parts that the lab boots, Xen and a Linux dom0 with the xl toolstack, from Debian
# packages, and prints the folder that holds them:
#
#   xen.elf      the hypervisor, as QEMU's -kernel wants it
#   vmlinux      dom0's kernel
#   initrd.zst   dom0's root file system, all but /init (lab/run adds that)
#   xenstoreds   its programs that keep xenstore, one a line
#
# usage: lab/image.sh VARIANT       VARIANT is 4.14, 4.17 or 4.20
#
# The folder is made once and kept under $XENOLITH_CACHE (default ~/.cache/xenolith); its name has a
# hash of this script.
# Exit status: 0 made or found, 1 the build failed, 2 bad usage, 77 Debian's archive lacks the
# packages now (tests then skip what needs them).
set -eu

top=$(readlink -f "$(dirname "$0")/..")
# shellcheck source=tools/common.sh
. "$top/tools/common.sh"
script=lab

[ $# = 1 ] || die 2 "expected one argument: 4.14, 4.17 or 4.20"
variant=$1
case $variant in
4.14) suite=bullseye qemu=qemu-system-x86 ;;
4.17) suite=bookworm qemu=qemu-system-xen ;;
4.20) suite=trixie qemu=qemu-system-xen ;;
*) die 2 "unknown variant '$variant': expected 4.14, 4.17 or 4.20" ;;
esac

packages=("xen-hypervisor-$variant-amd64" "xen-utils-$variant" xenstore-utils
    "$qemu" seabios busybox-static coreutils linux-image-amd64)

# What of those packages dom0 needs; the libraries follow from it.
xen=/usr/lib/xen-$variant
programs=(/usr/bin/date "$xen"/bin/{xl,libxl-save-helper,xen-init-dom0,xenstored,xenconsoled,xenconsole}
    /usr/bin/xenstore-{read,write,ls,list,rm,chmod,exists,watch})
data=(/usr/bin/busybox "$xen/boot/hvmloader" /usr/share/qemu/keymaps
    /usr/share/seabios/{bios-256k,vgabios-stdvga,vgabios-cirrus}.bin)
# Taken where the packages have it: xenstored's other implementation.
oxenstored=$xen/bin/oxenstored
modules=(xen-privcmd xen-evtchn xen-gntdev xen-gntalloc xenfs
    virtio_pci virtio_console 9pnet_virtio 9p)
# The device model, where Debian has moved it.
case $qemu in
qemu-system-xen) programs+=(/usr/libexec/xen-qemu-system-i386) ;;
*) programs+=(/usr/bin/qemu-system-i386) ;;
esac

cache=$(cache_folder lab)
hash=$(sha256sum "$top/lab/image.sh" | cut -c1-12)
image=$cache/$variant-$hash

if [ -d "$image" ]; then
    touch "$image"
    echo "$image"
    exit 0
fi

cache_work "$cache" "$variant"
if [ -d "$image" ]; then
    echo "$image"
    exit 0
fi
mkdir -p "$cache/debs-$suite"

stage() { say "[$SECONDS s] $variant image: $1"; }

# Without a mirror of this machine's, mmdebstrap chooses one.
mirror=$(apt_mirror Debian)
proxy=$(apt_proxy)

stage "downloading and unpacking Debian $suite packages"
root=$work/root
mkdir -p "$work/debs" "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" "$root/usr/lib64"
for dir in bin sbin lib lib64; do
    ln -s "usr/$dir" "$root/$dir"
done
# The packages are unpacked, not installed: nothing of this tree runs before dom0 boots it. A
# Release file that the mirror did not renew in time is good enough.
# shellcheck disable=SC2016 # mmdebstrap expands these
if ! (set -o pipefail && mmdebstrap --quiet --variant=extract --architectures=amd64 \
    --include="$(IFS=, && echo "${packages[*]}")" \
    ${proxy:+--aptopt="Acquire::http::Proxy \"$proxy\""} \
    --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Retries "2"' \
    --aptopt='Acquire::http::Timeout "30"' --aptopt='Acquire::https::Timeout "30"' \
    --skip=download/empty,essential/unlink \
    --setup-hook='mkdir -p "$1/var/cache/apt/archives"' \
    --setup-hook="sync-in '$cache/debs-$suite' /var/cache/apt/archives" \
    --extract-hook="sync-out /var/cache/apt/archives '$work/debs'" \
    --extract-hook='rm -rf "$1"/usr/share/doc "$1"/usr/share/locale "$1"/usr/share/man' \
    --format=tar "$suite" - ${mirror:+"$mirror"} 2>"$work/log" |
    tar -x -C "$root" --keep-directory-symlink --no-same-owner --exclude='./dev/*' \
        --exclude='*/kernel/sound' --exclude='*/kernel/drivers/'{gpu,media,net,scsi,usb}); then
    cat "$work/log" >&2
    if grep -qE '^(E|W|Err).*(Failed to fetch|Unable to fetch|Unable to locate package|no installation candidate|not have a Release file|no longer has a Release file|is not signed|Could not resolve|Could not connect|Connection failed)' "$work/log"; then
        die 77 "cannot make the lab's image: Debian's archive does not give the packages of $suite now; try again later"
    fi
    die 1 "mmdebstrap could not unpack the Debian $suite packages (its messages are above): check the network, the mirror that apt uses and the disk, then try again"
fi
# A rename, so that each package is whole or not there.
find "$work/debs" -name '*.deb' -exec mv -t "$cache/debs-$suite" {} +

stage "keeping what dom0 needs"
out=$work/image
tree=$work/tree
mkdir -p "$out" "$tree"

keep() {
    local from
    for from; do
        [ -e "$root$from" ] || die 1 "$from is missing from the Debian $suite packages"
        mkdir -p "$tree$(dirname "$from")"
        cp -aL "$root$from" "$tree$from"
    done
}

mkdir -p "$tree"/usr/{bin,sbin,lib,lib64} "$tree"/{dev,proc,sys,run,tmp,lab,etc/xen,root} \
    "$tree"/var/{lib/xen,lib/xenstored,log/xen/console}
for dir in bin sbin lib lib64; do
    ln -s "usr/$dir" "$tree/$dir"
done
ln -s ../run "$tree/var/run"
ln -s "xen-$variant" "$tree/usr/lib/xen"
echo 'autoballoon="off"' >"$tree/etc/xen/xl.conf"
echo 'root:x:0:0:root:/root:/bin/sh' >"$tree/etc/passwd"
keep "${programs[@]}" "${data[@]}"
echo xenstored >"$out/xenstoreds"
if [ -e "$root$oxenstored" ]; then
    keep "$oxenstored"
    programs+=("$oxenstored")
    [ ! -e "$root/etc/xen/oxenstored.conf" ] || keep /etc/xen/oxenstored.conf
    echo oxenstored >>"$out/xenstoreds"
fi

libs=$root/usr/lib/x86_64-linux-gnu
for program in "${programs[@]}"; do
    "$libs/ld-linux-x86-64.so.2" --inhibit-cache \
        --library-path "$root$xen/lib/x86_64-linux-gnu:$libs" --list "$root$program"
done >"$work/needed"
if grep 'not found' "$work/needed" >&2; then
    die 1 "the libraries above are missing from the Debian $suite packages"
fi
sed -n "s|.*=> $root\\([^ ]*\\) .*|\\1|p" "$work/needed" | sort -u >"$work/libs"
cp -L "$libs/ld-linux-x86-64.so.2" "$tree/usr/lib64/"
while read -r lib; do
    keep "/usr${lib#/usr}"
done <"$work/libs"

stage "ordering kernel modules"
kernel=$(ls "$root/usr/lib/modules")
PATH=$PATH:/usr/sbin:/sbin
depmod -b "$root" "$kernel"
mkdir -p "$tree/lib/modules"
for module in "${modules[@]}"; do
    modprobe -d "$root" -S "$kernel" --show-depends "$module"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$work/modules"
n=10
while read -r file; do
    name=$(basename "$file")
    case $name in
    *.xz) xz -dc "$file" >"$tree/lib/modules/$n-${name%.xz}" ;;
    *) cp "$file" "$tree/lib/modules/$n-$name" ;;
    esac
    n=$((n + 1))
done <"$work/modules"

# Xen needs four emulated seconds to unpack the kernel, on every boot; the host needs a tenth of
# one, once. The fields are those of Linux's boot protocol: the payload's offset, from the end of
# the setup sectors, and its length, whose last four bytes are not compressed data.
unpack_kernel() {
    local start length
    field() { od -An -v "-tu$2" "-j$(($1))" "-N$2" "$kernel_file" | tr -d ' '; }
    kernel_file=$1
    start=$((($(field 0x1f1 1) + 1) * 512 + $(field 0x248 4)))
    length=$(($(field 0x24c 4) - 4))
    tail -c +$((start + 1)) "$1" | head -c $length >"$work/payload"
    case $(od -An -tx1 -N4 "$work/payload" | tr -d ' ') in
    fd377a58) xz -dc "$work/payload" ;;
    28b52ffd) zstd -dcq "$work/payload" ;;
    1f8b*) gzip -dc "$work/payload" ;;
    *) die 1 "$1 is compressed in a way this script does not know" ;;
    esac
}

stage "packing"
gzip -dc "$root/boot/xen-$variant-amd64.gz" >"$out/xen.elf"
unpack_kernel "$root"/boot/vmlinuz-* >"$out/vmlinux"
for applet in $("$tree/usr/bin/busybox" --list); do
    [ -e "$tree/usr/bin/$applet" ] || ln -s busybox "$tree/usr/bin/$applet"
done
(cd "$tree" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) |
    zstd -q -T0 -10 -o "$out/initrd.zst"

mv "$out" "$image"
# Remove images of older revisions that nothing has booted for a month.
find "$cache" -maxdepth 1 -name "$variant-*" -mtime +30 -exec rm -rf {} +
stage "done: $(du -sh "$image" | cut -f1) in $image"
echo "$image"
