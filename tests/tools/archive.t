#!/bin/sh
# SPDX-License-Identifier: MIT
# tools/build-xen.sh, tools/grub.sh, lab/image.sh and the tests get along with an archive that
# moves, is down, or lacks half of what it names. apt, mmdebstrap and the compiler are stand-ins.
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

# A copy of the project's scripts, as a built hypervisor lands beside them.
mkdir -p "$work/project/xen"
cp -r lab tools "$work/project/"
cp -r xen/hypercall-patch "$work/project/xen/"
rm "$work/project/tools/need"
build_xen=$work/project/tools/build-xen.sh

# The suites of this mirror name the versions in index/SUITE; pool/ has what it really holds.
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
# This compiler makes as many headers as the file `steps` says, and then a hypervisor.
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
echo symbols >"$2/xen-syms"
END
chmod +x "$bin"/*
PATH=$bin:$PATH

# tarball VERSION: puts one into the pool
tarball() {
    mkdir -p "$work/tar/xen-$1/xen/arch/x86"
    echo "$1" >"$work/tar/xen-$1/xen/Makefile"
    : >"$work/tar/xen-$1/xen/arch/x86/Kconfig"
    tar -c -I "xz -0" -f "$stand_in/pool/xen_$1.orig.tar.xz" -C "$work/tar" "xen-$1"
}
# mirror SUITE VERSION...: what a suite names
mirror() {
    mirror_suite=$1
    shift
    printf '%s\n' "$@" >"$stand_in/index/$mirror_suite"
}
# left NAME [FILES]: the cache has only locks, folders and FILES
left() {
    expect 0 "$1" test "$(find "$cache" -type f ! -name '*.lock' -printf '%f\n' |
        LC_ALL=C sort | tr '\n' ' ')" = "${2-}"
}
# source_of STATUS NAME VERSION [OPTION]: unpacks the source of that Xen
source_of() {
    rm -rf "$work/source"
    expect "$1" "$2" timeout 60 "$build_xen" --no-patch --source "$work/source" ${4:+"$4"} "$3"
}
last_line() { printf '%s\n' "$output" | tail -n 1; }

mirror trixie 4.20.4+63-0+deb13u1
mirror trixie-security 4.20.4+70-0+deb13u1
mirror testing 4.20.4+39-1
mirror sid 4.20.4+41-1 4.21.0-1
tarball 4.21.0

source_of 77 'source: the suites name one that the mirror lacks' 4.20
output=$(last_line)
says "cannot get the source of Xen 4.20: Debian's archive does not give it now" 'source: the last line says so'
says 'trixie, trixie-security, trixie-updates, trixie-backports, testing, sid' 'source: the last line names the suites'
says "put a xen_4.20*.orig.tar.xz into $cache/xen/source-4.20" 'source: the message says what to do'
left 'source: nothing half-made is left'

tarball 4.20.4+39
source_of 0 'source: an older one of another suite serves' 4.20
says 'Debian names Xen 4.20.4+70-0+deb13u1, but it is not to be had' 'source: the newer ones are named'
says 'unpacking Xen 4.20.4+39' 'source: the older one is unpacked'
left 'source: the older one is kept' 'xen_4.20.4+39.orig.tar.xz '

rm "$stand_in/pool"/*
source_of 0 'source: a cached one needs no archive' 4.20
source_of 0 'source: --update without an archive keeps the cached one' 4.20 --update
says 'keeping the source that is cached' 'source: --update says that it keeps it'
left 'source: --update kept it' 'xen_4.20.4+39.orig.tar.xz '
tarball 4.20.4+70
source_of 0 'source: --update gets a newer one' 4.20 --update
left 'source: the newer one replaces the older' 'xen_4.20.4+70.orig.tar.xz '

rm -r "$cache" "$stand_in/index"/*
source_of 77 'source: no suite names one' 4.17
touch "$stand_in/no-mirror"
source_of 77 'source: there is no mirror' 4.17
output=$(last_line)
says 'apt knows no Debian mirror' 'source: the message names the missing mirror'
left 'source: without a mirror nothing half-made is left'
rm "$stand_in/no-mirror"

mirror bookworm 4.17.5-1
tarball 4.17.5
rm -rf "$work/source"
touch "$stand_in/slow"
expect 143 'download: a signal ends it' \
    timeout --preserve-status 5 "$build_xen" --no-patch --source "$work/source" 4.17
left 'download: a signal leaves nothing half-made'
rm "$stand_in/slow"

# A file system too small for the tree, and one that is full.
head -c 40M /dev/zero >"$work/tar/xen-4.17.5/large"
tarball 4.17.5
mkdir "$work/small"
# shellcheck disable=SC2016 # for the inner shell
if unshare -m true 2>/dev/null; then
    expect 1 'source: the disk is too small' unshare -m sh -c 'mount -t tmpfs -o size=30m none "$1" &&
        XENOLITH_CACHE=$1 "$2" --no-patch --source "$1/source" 4.17; status=$?
        [ ! -e "$1/source" ] || echo half-made
        find "$1" -type f ! -name "*.lock" ! -name "xen_*" ; df -k "$1" | tail -n 1
        exit $status' - "$work/small" "$build_xen"
    says "no space left in $work/small/xen" 'source: the message names the full disk'
    says 'make room, or set XENOLITH_CACHE' 'source: the message says what to do'
    case $output in
    *.tmp.* | *half-made*) fail 'source: nothing half-made is left on a small disk' "$output" ;;
    *) pass 'source: nothing half-made is left on a small disk' ;;
    esac
else
    skip 'source: the disk is too small' 'no file system can be mounted here: not root'
fi
rm "$work/tar/xen-4.17.5/large"
tarball 4.17.5

# The progress follows the build, and not only its objects.
echo 12 >"$stand_in/steps"
rm -rf "$cache"
expect 0 'build: it ends with 0' timeout 100 "$build_xen" --no-patch 4.17
counts=$(printf '%s\n' "$output" | sed -n 's/.*compiling, \([0-9]*\) .* so far/\1/p')
# shellcheck disable=SC2086 # several numbers
set -- $counts
if [ $# -ge 2 ] && [ "$1" -gt 0 ] && [ "$2" -gt "$1" ]; then
    pass 'build: the count of steps grows'
else
    fail 'build: the count of steps grows' "counts: $*
$output"
fi
expect 0 'build: the hypervisor is delivered' test "$(cat "$work/project/build/xen/4.17-unpatched/xen.elf")" = xen
expect 0 'build: only the hypervisor is delivered' test \
    "$(find "$work/project/build/xen/4.17-unpatched" -type f -printf '%f\n' |
        LC_ALL=C sort | tr '\n' ' ')" = 'version xen-syms xen.elf xen.gz '
echo 1000 >"$stand_in/steps"
expect 0 'build: no source is compiled twice' timeout 30 "$build_xen" --no-patch 4.17

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
expect 77 'image: the archive lacks the packages' "$image" 4.17
output=$(last_line)
says "Debian's archive does not give the packages of bookworm now" 'image: the last line says so'
expect 77 'lab/run: it ends with 77, too' "$work/project/lab/run" tests/slow/end-with-status.sh 0
mmdebstrap "E: The repository 'mirror:/debian bookworm Release' does not have a Release file." 25
expect 77 'image: the archive lacks the suite' "$image" 4.17
mmdebstrap 'dpkg-deb: error: whatever' 25
expect 1 'image: packages that cannot be unpacked are a failure' "$image" 4.17
expect 3 'lab/run: it refuses to run without an image' "$work/project/lab/run" tests/slow/end-with-status.sh 0
left 'image: nothing half-made is left' 'version xen-syms xen.elf xen.gz xen_4.17.5.orig.tar.xz '

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
grub_of 2 'GRUB: it refuses a name that is no suite' ../trixie
says "suite '../trixie': expected a release of Debian" 'GRUB: the message names the suite'
mirror trixie 2.12-9
mirror trixie-security 2.12-9+deb13u4
grub_of 77 'GRUB: the suite names one that the mirror lacks' trixie
output=$(last_line)
says "cannot get GRUB of Debian trixie: its archive does not give it now" 'GRUB: the last line says so'
left 'GRUB: nothing half-made is left'
touch "$stand_in/no-mirror"
grub_of 77 'GRUB: there is no mirror' trixie
says 'apt knows no Debian mirror' 'GRUB: the message names the missing mirror'
rm "$stand_in/no-mirror"
rm -rf "$work/source"
touch "$stand_in/slow"
expect 143 'download: a signal ends it' timeout --preserve-status 5 "$grub" trixie
left 'download: a signal leaves nothing half-made'
rm "$stand_in/slow"
package 2.12-9 other.mod
grub_of 1 'GRUB: a package without GRUB for BIOS is a failure' trixie
left 'GRUB: nothing is left of such a package'
head -c 500 "$stand_in/pool/grub-pc-bin_2.12-9_amd64.deb" >"$work/half.deb"
mv "$work/half.deb" "$stand_in/pool/grub-pc-bin_2.12-9_amd64.deb"
grub_of 1 'GRUB: a package that cannot be unpacked is a failure' trixie
left 'GRUB: nothing is left of a broken package'
package 2.12-9
mkdir -p "$cache/grub/trixie"
echo old >"$cache/grub/trixie/multiboot2.mod"
grub_of 0 'GRUB: an older one replaces an incomplete folder' trixie
says 'Debian names grub-pc-bin 2.12-9+deb13u4, but it is not to be had' 'GRUB: the newer one is named'
expect 0 'GRUB: its folder is printed' test "$(last_line)" = "$cache/grub/trixie"
expect 0 'GRUB: its modules are there' grep -qx 2.12-9 "$cache/grub/trixie/multiboot2.mod"
left 'GRUB: only modules and version are kept' 'multiboot2.mod version '
rm "$stand_in/pool"/grub*
grub_of 0 'GRUB: a cached one needs no archive' trixie

# or_skip, which turns it into a SKIP.
# shellcheck disable=SC2016 # for the inner shell
or_skip() { expect "$1" "$2" sh -c '. tests/lib/or_skip.sh; or_skip sh -c "$1"; echo 1..1' - "$3"; }
or_skip 0 'or_skip: a command that succeeds' 'echo not shown; exit 0'
expect 0 'or_skip: the test goes on' test "$output" = 1..1
or_skip 0 'or_skip: a command that ends with 77' 'echo first >&2; echo the reason >&2; exit 77'
says '1..0 # SKIP the reason' 'or_skip: the test is skipped with the reason'
or_skip 1 'or_skip: a command that fails' 'echo the reason >&2; exit 3'
says 'not ok 1 - ' 'or_skip: the test fails'
says 'it ended with status 3: the reason' 'or_skip: the failure has the reason'
says '1..1' 'or_skip: the failed test has a plan'
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
    expect 0 "$test.t: it ends with 0 without the source" timeout 20 "$work/project/tests/scenarios/$test.t"
    says '1..0 # SKIP build-xen: not to be had' "$test.t: it is skipped with the reason"
done
expect 1 'patch.t: it ends with 1 where build-xen.sh fails' timeout 20 "$work/project/tests/tools/patch.t"
says 'Xen 4.20: the patch # SKIP build-xen: not to be had' 'patch.t: it skips each version'
says '1..' 'patch.t: it has a plan'

done_testing
