#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Builds a Xen hypervisor with the assignment_3 hypercall: from the source in Debian's archive, for
# `lab/run --xen VERSION-patched`, or from a source tree of your own, for `lab/run --xen-file FILE`.
#
# usage: tools/build-xen.sh [options] 4.14|4.17|4.20
#        tools/build-xen.sh [options] --tree DIR
#
#   --tree DIR    build a copy of DIR, a Xen source tree from 4.11 on, with its xen/.config if it has
#                 one; as build/xen/VERSION-tree
#   --no-patch    without the hypercall: build/xen/VERSION-unpatched
#   --patch DIR   with the hypercall that tools/new-hypercall wrote to DIR instead; needs --as
#   --debug       with Xen's assertions and argument poisoning: ...-debug
#   --edit SED    after the patch, apply the sed script SED to the file named in
#                 --in (to see what breaks); needs --as
#   --in FILE     see --edit; relative to Xen's top folder
#   --config LINE of Xen's configuration, such as CONFIG_XSM=y (with a policy where checkpolicy is
#                 installed); may be repeated; needs --as
#   --as NAME     build/xen/VERSION-NAME
#   --source DIR  only unpack and, without --no-patch, patch the source: as DIR, which must be new
#   --update      ask the archive again, even if the source is cached
#
# Writes xen.elf, xen.gz, xen-syms (for gdb) and version there. Sources of Debian, and hypervisors made
# of them, are kept under $XENOLITH_CACHE (default ~/.cache/xenolith), in xen/; the name of a
# hypervisor's folder has a hash of source, patch and options.
# Exit status: 0 built or found, 1 not built, 2 bad usage, 3 something needed is missing, 77
# Debian's archive lacks the source now (the last line says so; tests then skip what needs it).
set -eu

top=$(readlink -f "$(dirname "$0")/..")
# shellcheck source=tools/common.sh
. "$top/tools/common.sh"
# shellcheck source=tools/archive.sh
. "$top/tools/archive.sh"

kind=patched debug='' edit='' edit_in='' config='' own_patch='' tree='' name='' source_dir='' update='' version=''
while [ $# -gt 0 ]; do
    case $1 in
    --edit | --in | --config | --patch | --tree | --as | --source)
        [ $# -ge 2 ] || die 2 "$1 needs a value"
        case $1 in
        --edit) edit=$2 ;;
        --in) edit_in=$2 ;;
        --config) config=$config$2$'\n' ;;
        --patch) own_patch=$2 ;;
        --tree) tree=$2 ;;
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
[ -z "$version" ] || [ -z "$tree" ] || die 2 "--tree and $version: expected one of them"
# The suites that may have this series. They are asked in turn, those in one string at once.
case $version in
4.14) suites=("bullseye bullseye-security bullseye-updates") ;;
4.17) suites=("bookworm bookworm-security bookworm-updates bookworm-backports") ;;
4.20) suites=("trixie trixie-security trixie-updates trixie-backports" "testing sid") ;;
*) [ -n "$tree" ] || die 2 "expected a version, 4.14, 4.17 or 4.20, or --tree DIR" ;;
esac
if [ -n "$tree" ]; then
    [ -f "$tree/xen/Makefile" ] || die 2 "--tree '$tree': no Xen source tree: expected xen/Makefile in it"
    [ -z "$update" ] || die 2 "--update: a tree of your own is not in Debian's archive"
    tree=$(readlink -f "$tree")
fi
case $edit:$edit_in in
: | ?*:?*) ;;
*) die 2 "--edit and --in: expected both, or neither" ;;
esac
if [ -n "$own_patch" ]; then
    # shellcheck disable=SC2144 # there are always several
    ls "$own_patch"/4.*/*.patch >/dev/null 2>&1 ||
        die 2 "--patch '$own_patch': expected a folder that tools/new-hypercall wrote"
fi
case $name in
'') [ -z "$edit$config$own_patch" ] || die 2 "--edit, --config and --patch need --as NAME" ;;
*[!a-z0-9_-]*) die 2 "--as '$name': expected a name of a-z, 0-9, _ and -" ;;
esac

[ ! -e "$source_dir" ] || die 2 "--source '$source_dir': it exists, expected a new folder"

[ ! -x "$top/tools/need" ] || "$top/tools/need" xen || exit 3
missing=''
for tool in make gcc ld flex bison python3 patch xz apt-get; do
    command -v "$tool" >/dev/null || missing="$missing $tool"
done
[ -z "$missing" ] || die 3 "needed to build Xen, but not installed:$missing" \
    "(on Debian: apt install build-essential flex bison python3 patch xz-utils)"

# number NAME: prints the value of NAME in the tree's xen/Makefile.
number() { sed -n "s/^export $1 *?*= *//p" "$tree/xen/Makefile" | head -n 1; }
if [ -n "$tree" ]; then
    version=$(number XEN_VERSION).$(number XEN_SUBVERSION)
    case $version in
    4.[0-9]*) ;;
    *) die 2 "--tree '$tree': its xen/Makefile names no version: expected XEN_VERSION and XEN_SUBVERSION" ;;
    esac
    from=$version$(number XEN_EXTRAVERSION | sed 's/\$.*//')
    : "${name:=tree}"
fi
# Debug information for xen-syms, which a release build leaves out; what boots is the same. Then what
# old releases need.
flags=-g
case $version in
4.1[1-4])
    # Today's compilers warn about more than those that it was written for; and those that vectorise
    # at -O2 use the MMX registers, which are the guest's and which its flags forget to forbid.
    flags="-g -Wno-error -mno-mmx"
    ;;
4.1[5-6]) flags="-g -Wno-error" ;;
esac

target=$version-${name:-$kind}$debug
cache=$(cache_folder xen)
cache_work "$cache" "$version${tree:+-tree}"
[ -n "$tree" ] || mkdir -p "$cache/source-$version"

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
if [ -z "$tree" ] && { [ -n "$update" ] || [ -z "$(tarball)" ]; }; then
    if ! download; then
        [ -n "$(tarball)" ] || die 77 "cannot get the source of Xen $version: $why;" \
            "try again later, or put a xen_$version*.orig.tar.xz into $cache/source-$version"
        stage "keeping the source that is cached: $why"
    fi
fi
if [ -z "$tree" ]; then
    tarball=$(tarball | sort -V | tail -n 1)
    from=${tarball##*/xen_}
    from=${from%.orig.tar.xz}
fi

# What may be applied, if anything: the patches of one hypercall, one for each mechanism.
patches=()
[ "$kind" = unpatched ] || patches=("${own_patch:-$top/xen/hypercall-patch}"/4.*/*.patch)
hash=$({
    echo "$from $kind $debug $edit $edit_in $config $flags $(gcc -dumpfullversion)"
    cat /dev/null "${patches[@]}"
} | sha256sum | cut -c1-12)
built=$cache/$target-$hash
out=$top/build/xen/$target

deliver() {
    local file
    mkdir -p "$out"
    for file in xen.gz version xen-syms xen.elf; do
        if ! cp "$1/$file" "$out/$file.new" || ! mv "$out/$file.new" "$out/$file"; then
            rm -f "$out/$file.new"
            die 1 "cannot write $out/$file: is there space left?"
        fi
    done
    stage "build/xen/$target/xen.elf, of Xen $from"
    exit 0
}
if [ -z "$tree$source_dir" ] && [ -d "$built" ]; then
    touch "$built"
    deliver "$built"
fi

mkdir "$work/tree"
if [ -n "$tree" ]; then
    stage "copying Xen $from from $tree"
    # Only sources: objects and dependencies may be of other options.
    tar -c -C "$tree" --exclude-vcs --exclude='*.o' --exclude='*.d' --exclude='.*.cmd' --exclude='*.new' . |
        tar -x -C "$work/tree" || die 1 "cannot copy $tree (tar's messages are above)"
else
    stage "unpacking Xen $from"
    tar -x -f "$tarball" -C "$work/tree" --strip-components=1 ||
        die 1 "cannot unpack $tarball (tar's messages are above): remove it to have it downloaded again"
fi
if [ -n "$tree" ] && [ -z "$own_patch" ] && [ -e "$tree/xen/include/public/assignment_3.h" ]; then
    stage "the tree has the hypercall already"
    kind=unpatched
fi
if [ "$kind" != unpatched ]; then
    "$top/tools/patch-check" "$work/tree" "${own_patch:-$top/xen/hypercall-patch}" >"$work/patch.log" 2>&1 || {
        cat "$work/patch.log" >&2
        die 1 "no patch applies to Xen $from: what patch-check said is above"
    }
    # Its last line is the command.
    sh -c "$(sed -n 's/^To apply it: //p' "$work/patch.log") -F0 -s" ||
        die 1 "cannot patch Xen $from (patch's messages are above)"
fi
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
[ -z "$debug" ] || config=${config}CONFIG_DEBUG=y$'\n'
# 32-bit PV guests, which tests/guests/pv32 is: most releases leave them out unless told otherwise.
if grep -q '^config PV32' "$work/tree/xen/arch/x86/Kconfig" &&
    ! grep -qs CONFIG_PV32 "$work/tree/xen/.config"; then
    config=${config}CONFIG_PV32=y$'\n'
fi
printf %s "$config" >>"$work/tree/xen/.config"
if command -v ccache >/dev/null; then
    # Builds of one release differ in a few files. The folder's name, which is new each time, is only in
    # debug information.
    export CCACHE_DIR=$cache/ccache CCACHE_NOHASHDIR=y CCACHE_BASEDIR=$work/tree CCACHE_MAXSIZE=1G
    make+=("CC=ccache gcc")
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
    cp "$work/make.log" "$cache/$target.failed.log"
    # The first error, from where the compiler says how it came there to what it points at. What
    # follows in the log mostly follows from it.
    awk '/^(ccache gcc|gcc|ld|make -) / { next }
        /^In file included from |: In function / { lead = "" }
        !left && /rror:|Error [0-9]|undefined reference|No such file|not found|no such/ {
            printf "%s", lead
            left = 8
        }
        left { print; if (!--left) exit; next }
        /^In file included from |^ +from |: In function / { lead = lead $0 "\n"; next }
        { lead = "" }' "$work/make.log" | cut -c 1-300 >&2
    die 1 "Xen $from did not compile: the first error is above, all in $cache/$target.failed.log"
fi
handler=$(cat /dev/null "${patches[@]}" | sed -n 's|^+++ b/xen/include/public/\(.*\)\.h$|\1|p' |
    grep -vxm 1 xen || :)
if [ -n "$handler" ] && grep -E "$handler\.[ch]:.*warning" "$work/make.log" >&2; then
    die 1 "the patch compiles with warnings (above)"
fi
while read -r line; do
    [ -z "$line" ] || grep -qxF "$line" "$work/tree/xen/.config" || die 1 "Xen $from ignored $line"
done <<<"$config"

mkdir "$work/built"
cp "$work/tree/xen/xen.gz" "$work/built/"
gzip -dc "$work/built/xen.gz" >"$work/built/xen.elf"
cp "$work/tree/xen/xen-syms" "$work/built/"
echo "$from" >"$work/built/version"
if [ -n "$tree" ]; then
    deliver "$work/built"
fi
mv "$work/built" "$built"
# Remove hypervisors of older patches that nobody has asked for in a month.
find "$cache" -maxdepth 1 -name "$target-????????????" -mtime +30 -exec rm -rf {} +
deliver "$built"
