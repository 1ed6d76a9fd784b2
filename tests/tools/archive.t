#!/bin/sh
# SPDX-License-Identifier: MIT
# What tools/build-xen.sh, lab/image.sh and the tests make of an archive that moves, is not there,
# or gives half of what it names; with stand-ins for apt, mmdebstrap and the compiler.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "$root"

stand_in=$work/stand-in
bin=$work/bin
XENOLITH_CACHE=$work/cache
cache=$XENOLITH_CACHE
export stand_in XENOLITH_CACHE
mkdir -p "$bin" "$stand_in/index" "$stand_in/pool"

# A copy of the project's scripts: the hypervisor that is built lands beside them.
mkdir -p "$work/project/xen"
cp -r lab tools "$work/project/"
cp -r xen/hypercall-patch "$work/project/xen/"
rm "$work/project/tools/need"
build_xen=$work/project/tools/build-xen.sh

# A mirror whose suites name the versions in index/SUITE; what can be had is in pool/.
cat >"$bin/apt-get" <<'END'
#!/bin/sh
for word; do last=$word; done
case $* in
*indextargets*)
    [ -e "$stand_in/no-mirror" ] || echo 'Debian main mirror:/debian
Debian-Security main mirror:/security'
    ;;
*' source '*)
    [ ! -e "$stand_in/slow" ] || exec sleep 60
    version=${last#xen=}
    tarball=xen_${version%-*}.orig.tar.xz
    if [ -e "$stand_in/pool/$tarball" ]; then
        cp "$stand_in/pool/$tarball" .
    else
        echo half >"$tarball" # as an interrupted download would
        echo "E: Failed to fetch mirror:/debian/pool/main/x/xen/$tarball  404  Not Found"
        exit 100
    fi
    ;;
*' download '*)
    [ ! -e "$stand_in/slow" ] || exec sleep 60
    package=grub-pc-bin_${last#grub-pc-bin=}_amd64.deb
    if [ -e "$stand_in/pool/$package" ]; then
        cp "$stand_in/pool/$package" .
    else
        echo half >"$package"
        echo "E: Failed to fetch mirror:/debian/pool/main/g/grub2/$package  404  Not Found"
        exit 100
    fi
    ;;
esac
END
cat >"$bin/apt-cache" <<'END'
#!/bin/sh
for word; do
    case $word in
    Dir::Etc::sourcelist=*)
        sed -nE 's/^deb(-src)? .*\] [^ ]* ([^ ]*) main$/\2/p' "${word#*=}" | while read -r suite; do
            [ ! -e "$stand_in/index/$suite" ] || sed 's/^/Version: /' "$stand_in/index/$suite"
        done
        ;;
    esac
done
END
# It makes headers for as long as the file `steps` says, no object, and then a hypervisor.
cat >"$bin/make" <<'END'
#!/bin/sh
case $* in *olddefconfig*) exit ;; esac
i=0
while [ $i -lt "$(cat "$stand_in/steps")" ]; do
    i=$((i + 1))
    echo "  GEN     include/compat/$i.h"
    sleep 1
done
echo xen | gzip >"$2/xen.gz"
END
chmod +x "$bin"/*
PATH=$bin:$PATH

# tarball VERSION: puts one into the pool
tarball() {
    mkdir -p "$work/tar/xen-$1/xen"
    echo "$1" >"$work/tar/xen-$1/xen/Makefile"
    tar -c -I "xz -0" -f "$stand_in/pool/xen_$1.orig.tar.xz" -C "$work/tar" "xen-$1"
}
# mirror SUITE VERSION...: what a suite names
mirror() {
    mirror_suite=$1
    shift
    printf '%s\n' "$@" >"$stand_in/index/$mirror_suite"
}
# left NAME: nothing is in the cache but locks, folders and what is named in $1
left() {
    expect 0 "$1" test "$(find "$cache" -type f ! -name '*.lock' -printf '%f\n' |
        LC_ALL=C sort | tr '\n' ' ')" = "${2-}"
}
source_of() { # STATUS NAME VERSION [OPTION]
    rm -rf "$work/source"
    expect "$1" "$2" timeout 60 "$build_xen" --no-patch --source "$work/source" ${4:+"$4"} "$3"
}
last_line() { printf '%s\n' "$output" | tail -n 1; }

mirror trixie 4.20.4+63-0+deb13u1
mirror trixie-security 4.20.4+70-0+deb13u1
mirror testing 4.20.4+39-1
mirror sid 4.20.4+41-1 4.21.0-1
tarball 4.21.0

source_of 77 'no suite has what it names' 4.20
output=$(last_line)
says "cannot get the source of Xen 4.20: Debian's archive does not give it now" 'the last line says it'
says 'trixie, trixie-security, trixie-updates, trixie-backports, testing, sid' 'and who was asked'
says "put a xen_4.20*.orig.tar.xz into $cache/xen/source-4.20" 'and what to do'
left 'nothing half-made is left'

tarball 4.20.4+39
source_of 0 'an older one, of another suite' 4.20
says 'Debian names Xen 4.20.4+70-0+deb13u1, but it is not to be had' 'those before it are named'
says 'unpacking Xen 4.20.4+39' 'it is taken'
left 'and kept' 'xen_4.20.4+39.orig.tar.xz '

rm "$stand_in/pool"/*
source_of 0 'a cached source needs no archive' 4.20
source_of 0 'nor does --update without one' 4.20 --update
says 'keeping the source that is cached' 'it says so'
left 'it is kept' 'xen_4.20.4+39.orig.tar.xz '
tarball 4.20.4+70
source_of 0 'a newer one' 4.20 --update
left 'takes its place' 'xen_4.20.4+70.orig.tar.xz '

rm -r "$cache" "$stand_in/index"/*
source_of 77 'no suite names any' 4.17
touch "$stand_in/no-mirror"
source_of 77 'no mirror' 4.17
output=$(last_line)
says 'apt knows no Debian mirror' 'the message'
left 'nothing half-made is left either'
rm "$stand_in/no-mirror"

mirror bookworm 4.17.5-1
tarball 4.17.5
rm -rf "$work/source"
touch "$stand_in/slow"
expect 143 'ended in the middle of a download' \
    timeout --preserve-status 5 "$build_xen" --no-patch --source "$work/source" 4.17
left 'nothing half-made is left then'
rm "$stand_in/slow"

# A file system too small for the tree, and one that is full.
head -c 40M /dev/zero >"$work/tar/xen-4.17.5/large"
tarball 4.17.5
mkdir "$work/small"
# shellcheck disable=SC2016 # for the inner shell
if unshare -m true 2>/dev/null; then
    expect 1 'a disk that is too small' unshare -m sh -c 'mount -t tmpfs -o size=30m none "$1" &&
        XENOLITH_CACHE=$1 "$2" --no-patch --source "$1/source" 4.17; status=$?
        [ ! -e "$1/source" ] || echo half-made
        find "$1" -type f ! -name "*.lock" ! -name "xen_*" ; df -k "$1" | tail -n 1
        exit $status' - "$work/small" "$build_xen"
    says "no space left in $work/small/xen" 'the message says so'
    says 'make room, or set XENOLITH_CACHE' 'and what to do'
    case $output in
    *.tmp.* | *half-made*) fail 'nothing half-made is left on it' "$output" ;;
    *) pass 'nothing half-made is left on it' ;;
    esac
else
    skip 'a disk that is too small' 'no file system can be mounted here: not root'
fi
rm "$work/tar/xen-4.17.5/large"
tarball 4.17.5

# The progress follows the build, and not only its objects.
echo 12 >"$stand_in/steps"
rm -rf "$cache"
expect 0 'a build' timeout 100 "$build_xen" --no-patch 4.17
counts=$(printf '%s\n' "$output" | sed -n 's/.*compiling, \([0-9]*\) .* so far/\1/p')
# shellcheck disable=SC2086 # several numbers
set -- $counts
if [ $# -ge 2 ] && [ "$1" -gt 0 ] && [ "$2" -gt "$1" ]; then
    pass 'its count follows it'
else
    fail 'its count follows it' "counts: $*
$output"
fi
expect 0 'it is delivered whole' test "$(cat "$work/project/build/xen/4.17-unpatched/xen.elf")" = xen
expect 0 'and nothing beside it' test \
    "$(find "$work/project/build/xen/4.17-unpatched" -type f -printf '%f\n' | sort | tr '\n' ' ')" = 'version xen.elf xen.gz '
echo 1000 >"$stand_in/steps"
expect 0 'no version and source is compiled twice' timeout 30 "$build_xen" --no-patch 4.17

# The lab's image.
image=$work/project/lab/image.sh
mmdebstrap() { # MESSAGE STATUS
    cat >"$bin/mmdebstrap" <<END
#!/bin/sh
echo "$1" >&2
exit $2
END
    chmod +x "$bin/mmdebstrap"
}
mmdebstrap 'E: Failed to fetch mirror:/debian/pool/x.deb  404  Not Found
E: setup failed' 25
expect 77 "image: the archive does not give the packages" "$image" 4.17
output=$(last_line)
says "Debian's archive does not give the packages of bookworm now" 'the last line says so'
expect 77 'lab/run ends so too' "$work/project/lab/run" tests/slow/end-with-status.sh 0
mmdebstrap "E: The repository 'mirror:/debian bookworm Release' does not have a Release file." 25
expect 77 'image: the suite is gone' "$image" 4.17
mmdebstrap 'dpkg-deb: error: whatever' 25
expect 1 'image: packages that cannot be unpacked are our failure' "$image" 4.17
expect 3 'lab/run does not run without an image' "$work/project/lab/run" tests/slow/end-with-status.sh 0
left 'nothing half-made is left of an image' 'version xen.elf xen.gz xen_4.17.5.orig.tar.xz '

# GRUB of another Debian.
grub=$work/project/tools/grub.sh
rm -r "$cache"
rm "$stand_in/index"/*
package() { # VERSION [MODULE]
    rm -rf "$work/deb"
    mkdir -p "$work/deb/DEBIAN" "$work/deb/usr/lib/grub/i386-pc"
    printf 'Package: grub-pc-bin\nVersion: %s\nArchitecture: amd64\nMaintainer: x\nDescription: x\n' "$1" \
        >"$work/deb/DEBIAN/control"
    echo "$1" >"$work/deb/usr/lib/grub/i386-pc/${2-multiboot2.mod}"
    dpkg-deb -Znone --build "$work/deb" "$stand_in/pool/grub-pc-bin_$1_amd64.deb" >/dev/null
}
grub_of() { expect "$1" "$2" timeout 60 "$grub" "$3"; } # STATUS NAME SUITE
grub_of 2 'GRUB of no suite' ../trixie
says "suite '../trixie': expected a release of Debian" 'the message'
mirror trixie 2.12-9
mirror trixie-security 2.12-9+deb13u4
grub_of 77 'GRUB that is named, but is not to be had' trixie
output=$(last_line)
says "cannot get GRUB of Debian trixie: its archive does not give it now" 'the last line says so'
left 'nothing half-made is left of it'
touch "$stand_in/no-mirror"
grub_of 77 'GRUB without a mirror' trixie
says 'apt knows no Debian mirror' 'the message'
rm "$stand_in/no-mirror"
rm -rf "$work/source"
touch "$stand_in/slow"
expect 143 'ended in the middle of a download' timeout --preserve-status 5 "$grub" trixie
left 'nothing half-made is left then'
rm "$stand_in/slow"
package 2.12-9 other.mod
grub_of 1 'a package without GRUB for BIOS is our failure' trixie
left 'nothing is left of that'
head -c 500 "$stand_in/pool/grub-pc-bin_2.12-9_amd64.deb" >"$work/half.deb"
mv "$work/half.deb" "$stand_in/pool/grub-pc-bin_2.12-9_amd64.deb"
grub_of 1 'nor is one that cannot be unpacked' trixie
left 'nothing is left of that either'
package 2.12-9
mkdir -p "$cache/grub/trixie"
echo old >"$cache/grub/trixie/multiboot2.mod"
grub_of 0 'an older GRUB, in the place of what is not whole' trixie
says 'Debian names grub-pc-bin 2.12-9+deb13u4, but it is not to be had' 'the newer one is named'
expect 0 'its folder is printed' test "$(last_line)" = "$cache/grub/trixie"
expect 0 'its modules are there' grep -qx 2.12-9 "$cache/grub/trixie/multiboot2.mod"
left 'and which it is, and nothing else' 'multiboot2.mod version '
rm "$stand_in/pool"/grub*
grub_of 0 'a cached GRUB needs no archive' trixie

# or_skip, which turns it into a SKIP.
# shellcheck disable=SC2016 # for the inner shell
or_skip() { expect "$1" "$2" sh -c '. tests/lib/or_skip.sh; or_skip sh -c "$1"; echo 1..1' - "$3"; }
or_skip 0 'what is there' 'echo not shown; exit 0'
expect 0 'lets the test go on' test "$output" = 1..1
or_skip 0 'what the archive does not give' 'echo first >&2; echo the reason >&2; exit 77'
says '1..0 # SKIP the reason' 'skips the test, with the reason'
or_skip 1 'what fails otherwise' 'echo the reason >&2; exit 3'
says 'not ok 1 - ' 'fails it'
says 'it ended with status 3: the reason' 'with the reason'
says '1..1' 'and a plan'
cat >"$bin/fails" <<'END'
#!/bin/sh
echo "build-xen: not to be had" >&2
exit 77
END
chmod +x "$bin/fails"
mkdir -p "$work/project/tests/scenarios" "$work/project/tests/tools" "$work/project/kernel"
cp -r tests/lib "$work/project/tests/"
cp tests/scenarios/hypercall.t tests/scenarios/preempt.t "$work/project/tests/scenarios/"
cp tests/tools/patch.t "$work/project/tests/tools/"
cp "$bin/fails" "$work/project/tools/build-xen.sh"
for test in hypercall preempt; do
    expect 0 "$test.t without the source" timeout 20 "$work/project/tests/scenarios/$test.t"
    says '1..0 # SKIP build-xen: not to be had' "$test.t is skipped, with the reason"
done
expect 1 'patch.t without the source' timeout 20 "$work/project/tests/tools/patch.t"
says 'Xen 4.20: the patch # SKIP build-xen: not to be had' 'patch.t skips each version'
says '1..' 'patch.t has a plan'

done_testing
