#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Builds a Xen hypervisor with the assignment_3 hypercall from the source in Debian's archive, for
# `lab/run --xen VERSION-patched`.
#
# usage: tools/build-xen.sh [options] 4.14|4.17|4.20
#
#   --no-patch    without the hypercall: build/xen/VERSION-unpatched
#   --debug       with Xen's assertions and argument poisoning: ...-debug
#   --edit SED    after the patch, apply the sed script SED to the file named in
#                 --in (to see what breaks); needs --as
#   --in FILE     see --edit; relative to Xen's top folder
#   --as NAME     see --edit: build/xen/VERSION-NAME
#   --source DIR  only unpack and, without --no-patch, patch the source: as DIR, which must be new
#   --update      ask the archive again, even if the source is cached
#
# Writes build/xen/VERSION-patched/xen.elf, xen.gz and version. Sources and hypervisors are kept
# under $XENOLITH_CACHE (default ~/.cache/xenolith), in xen/; the name of a hypervisor's folder
# has a hash of source, patch and options.
# Exit status: 0 built or found, 1 not built, 2 bad usage, 3 something needed is missing, 77
# Debian's archive lacks the source now (the last line says so; tests then skip what needs it).
set -eu

top=$(readlink -f "$(dirname "$0")/..")
# shellcheck source=tools/common.sh
. "$top/tools/common.sh"
# shellcheck source=tools/archive.sh
. "$top/tools/archive.sh"

kind=patched debug='' edit='' edit_in='' name='' source_dir='' update='' version=''
while [ $# -gt 0 ]; do
    case $1 in
    --edit | --in | --as | --source)
        [ $# -ge 2 ] || die 2 "$1 needs a value"
        case $1 in
        --edit) edit=$2 ;;
        --in) edit_in=$2 ;;
        --as) name=$2 ;;
        --source) source_dir=$2 ;;
        esac
        shift
        ;;
    --no-patch) kind=unpatched ;;
    --debug) debug=-debug ;;
    --update) update=y ;;
    -h | --help)
        show_help
        exit 0
        ;;
    4.14 | 4.17 | 4.20)
        [ -z "$version" ] || die 2 "two versions, $version and $1: expected one"
        version=$1
        ;;
    *) die 2 "'$1': expected an option or one of 4.14, 4.17, 4.20 (see --help)" ;;
    esac
    shift
done
# The suites that may have this series. They are asked in turn, those in one string at once.
flags=''
case $version in
4.14)
    suites=("bullseye bullseye-security bullseye-updates") series=4.11-4.16
    # Today's compilers warn about more than those that it was written for; and those that vectorise
    # at -O2 use the MMX registers, which are the guest's and which its flags forget to forbid.
    flags="-Wno-error -mno-mmx"
    ;;
4.17)
    suites=("bookworm bookworm-security bookworm-updates bookworm-backports") series=4.17-4.22
    ;;
4.20)
    suites=("trixie trixie-security trixie-updates trixie-backports" "testing sid")
    series=4.17-4.22
    ;;
*) die 2 "expected a version: 4.14, 4.17 or 4.20" ;;
esac
case $name in
'') [ -z "$edit$edit_in" ] || die 2 "--edit and --in need --as NAME" ;;
*[!a-z0-9-]*) die 2 "--as '$name': expected a name of a-z, 0-9 and -" ;;
*)
    if [ -z "$edit" ] || [ -z "$edit_in" ]; then
        die 2 "--as needs --edit and --in"
    fi
    ;;
esac

[ ! -e "$source_dir" ] || die 2 "--source '$source_dir': it exists, expected a new folder"

[ ! -x "$top/tools/need" ] || "$top/tools/need" xen || exit 3
missing=''
for tool in make gcc ld flex bison python3 patch xz apt-get; do
    command -v "$tool" >/dev/null || missing="$missing $tool"
done
[ -z "$missing" ] || die 3 "needed to build Xen, but not installed:$missing" \
    "(on Debian: apt install build-essential flex bison python3 patch xz-utils)"

target=$version-${name:-$kind}$debug
cache=$(cache_folder xen)
cache_work "$cache" "$version"
mkdir -p "$cache/source-$version"

stage() { say "[$SECONDS s] Xen $target: $*"; }

# download_from SUITE...: downloads the newest tarball of this series that the mirror really holds:
# an index may name what the pool no longer has. Status 1: none.
download_from() {
    local found versions
    archive_lists deb-src "$@"
    versions=$(apt-cache "${archive_apt[@]}" showsrc xen 2>>"$work/apt.log" |
        sed -n "s/^Version: \\(${version}[.+~-].*\\)/\\1/p" | sort -ruV)
    for found in $versions; do
        if (cd "$work/apt" && apt-get "${archive_apt[@]}" source --tar-only --download-only \
            "xen=$found") >>"$work/apt.log" 2>&1 && ls "$work"/apt/xen_*.orig.tar.xz >/dev/null 2>&1; then
            return 0
        fi
        stage "Debian names Xen $found, but it is not to be had"
        rm -f "$work"/apt/xen_*
    done
    return 1
}

# Downloads the upstream tarball of Debian's source package from the mirror that this machine uses.
# The machine's own lists stay as they are. Status 1: it cannot; $why has the reason.
download() {
    local tried='' tier tarball
    archive_find || return 1
    for tier in "${suites[@]}"; do
        stage "asking Debian ${tier// /, } for Xen's source"
        tried="$tried${tried:+, }${tier// /, }"
        # shellcheck disable=SC2086 # several suites
        if download_from $tier; then
            tarball=$(echo "$work"/apt/xen_*.orig.tar.xz)
            mv "$tarball" "$cache/source-$version/"
            # Remove the older ones only now: an old source is better than none.
            find "$cache/source-$version" -type f ! -name "${tarball##*/}" -delete
            return 0
        fi
    done
    archive_errors
    why="Debian's archive does not give it now (asked: $tried)"
    return 1
}

tarball() { find "$cache/source-$version" -name 'xen_*.orig.tar.xz'; }
if [ -n "$update" ] || [ -z "$(tarball)" ]; then
    if ! download; then
        [ -n "$(tarball)" ] || die 77 "cannot get the source of Xen $version: $why;" \
            "try again later, or put a xen_$version*.orig.tar.xz into $cache/source-$version"
        stage "keeping the source that is cached: $why"
    fi
fi
tarball=$(tarball | sort -V | tail -n 1)
from=${tarball##*/xen_}
from=${from%.orig.tar.xz}

patches=()
[ "$kind" = unpatched ] || patches=("$top/xen/hypercall-patch/$series"/*.patch)
hash=$({
    echo "$from $kind $debug $edit $edit_in $flags $(gcc -dumpfullversion)"
    [ "$kind" = unpatched ] || cat "${patches[@]}"
} | sha256sum | cut -c1-12)
built=$cache/$target-$hash
out=$top/build/xen/$target

deliver() {
    local file
    mkdir -p "$out"
    for file in xen.gz version xen.elf; do
        if ! cp "$1/$file" "$out/$file.new" || ! mv "$out/$file.new" "$out/$file"; then
            rm -f "$out/$file.new"
            die 1 "cannot write $out/$file: is there space left?"
        fi
    done
    stage "build/xen/$target/xen.elf, of Xen $from"
    exit 0
}
if [ -z "$source_dir" ] && [ -d "$built" ]; then
    touch "$built"
    deliver "$built"
fi

stage "unpacking Xen $from"
mkdir "$work/tree"
tar -x -f "$tarball" -C "$work/tree" --strip-components=1 ||
    die 1 "cannot unpack $tarball (tar's messages are above): remove it to have it downloaded again"
for patch in "${patches[@]}"; do
    if ! patch -d "$work/tree" -p1 --no-backup-if-mismatch -F0 <"$patch" >"$work/patch.log" 2>&1; then
        cat "$work/patch.log" >&2
        die 1 "${patch#"$top/"} does not apply to Xen $from (patch's messages are above)"
    fi
done
if [ -n "$edit" ]; then
    [ -f "$work/tree/$edit_in" ] || die 2 "--in '$edit_in': no such file in Xen $from"
    cp "$work/tree/$edit_in" "$work/before"
    sed -i -E "$edit" "$work/tree/$edit_in"
    ! cmp -s "$work/before" "$work/tree/$edit_in" || die 2 "--edit '$edit' changes nothing in $edit_in"
fi
if [ -n "$source_dir" ]; then
    mv -T "$work/tree" "$source_dir" || {
        rm -rf "$source_dir"
        die 1 "cannot move the source to $source_dir (mv's message is above)"
    }
    exit 0
fi

# The hypervisor must not depend on who builds it, where and when.
make=(make -C "$work/tree/xen" XEN_TARGET_ARCH=x86_64 XEN_BUILD_HOST=xenolith XEN_WHOAMI=xenolith
    XEN_DOMAIN=invalid.example XEN_BUILD_DATE=none XEN_BUILD_TIME=none
    "EXTRA_CFLAGS_XEN_CORE=$flags")
if [ -n "$debug" ]; then
    echo 'CONFIG_DEBUG=y' >"$work/tree/xen/.config"
fi
jobs=${XENOLITH_JOBS:-$(nproc)}
stage "compiling with $jobs jobs"
{ "${make[@]}" olddefconfig && "${make[@]}" -j "$jobs"; } >"$work/make.log" 2>&1 9>&- &
make_pid=$!
next=5
while kill -0 $make_pid 2>/dev/null; do
    if [ $SECONDS -ge $next ]; then
        # Count steps rather than objects: making headers and linking take long, too.
        stage "compiling, $(grep -cv '^make' "$work/make.log") steps so far"
        next=$((SECONDS + 5))
    fi
    sleep 0.5
done
if ! wait $make_pid; then
    grep -vE '^(gcc|ld|make -) ' "$work/make.log" | grep -E 'rror:|Error |No such file|not found' |
        cut -c 1-300 |
        head -n 20 >&2 || :
    cp "$work/make.log" "$cache/$target.failed.log"
    die 1 "Xen $from did not compile (errors above; all in $cache/$target.failed.log)"
fi
if grep -E 'assignment_3\.[ch]:.*warning' "$work/make.log" >&2; then
    die 1 "the patch compiles with warnings (above)"
fi
[ -z "$debug" ] || grep -q '^CONFIG_DEBUG=y' "$work/tree/xen/.config" ||
    die 1 "Xen $from ignored CONFIG_DEBUG=y"

mkdir "$work/built"
cp "$work/tree/xen/xen.gz" "$work/built/"
gzip -dc "$work/built/xen.gz" >"$work/built/xen.elf"
echo "$from" >"$work/built/version"
mv "$work/built" "$built"
# Remove hypervisors of older patches that nobody has asked for in a month.
find "$cache" -maxdepth 1 -name "$target-????????????" -mtime +30 -exec rm -rf {} +
deliver "$built"
