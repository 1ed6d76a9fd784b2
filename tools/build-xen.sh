#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Builds a Xen hypervisor with the assignment_3 hypercall, from the source that
# Debian's archive has, for `lab/run --xen VERSION-patched`.
#
# usage: tools/build-xen.sh [options] 4.14|4.17|4.20
#
#   --no-patch    without the hypercall: build/xen/VERSION-unpatched
#   --debug       with Xen's assertions and argument poisoning: ...-debug
#   --edit SED    after the patch, apply the sed script SED to the file named in
#                 --in (to see what breaks); needs --as
#   --in FILE     see --edit; relative to Xen's top folder
#   --as NAME     see --edit: build/xen/VERSION-NAME
#   --source      only unpack and, without --no-patch, patch; print the folder
#   --update      ask the archive again, even if the source is cached
#
# Writes build/xen/VERSION-patched/xen.elf, xen.gz and version. Sources and
# hypervisors are kept under $XENOLITH_CACHE (default ~/.cache/xenolith), in
# xen/; a hypervisor's folder carries a hash of source, patch and options.
# Exit status: 0 built or found, 1 not built, 2 bad usage, 3 something needed
# is missing.
set -eu

top=$(readlink -f "$(dirname "$0")/..")

say() { echo "build-xen: $*" >&2; }
die() {
	local status=$1
	shift
	say "$*"
	exit "$status"
}

kind=patched debug='' edit='' edit_in='' name='' source_only='' update='' version=''
while [ $# -gt 0 ]; do
	case $1 in
	--edit | --in | --as)
		[ $# -ge 2 ] || die 2 "$1 needs a value"
		case $1 in
		--edit) edit=$2 ;;
		--in) edit_in=$2 ;;
		--as) name=$2 ;;
		esac
		shift
		;;
	--no-patch) kind=unpatched ;;
	--debug) debug=-debug ;;
	--source) source_only=y ;;
	--update) update=y ;;
	-h | --help)
		sed -n '4,/^set -eu/{/^set/d;s/^# \{0,1\}//p}' "$0"
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
flags=''
case $version in
4.14)
	suite=bullseye series=4.11-4.16
	# It was made for older compilers. Today's have more to say about it; and those that vectorise
	# at -O2 use the MMX registers, which it forgets to forbid and which are the guest's.
	flags="-Wno-error -mno-mmx"
	;;
4.17) suite=bookworm series=4.17-4.22 ;;
4.20) suite=trixie series=4.17-4.22 ;;
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

[ ! -x "$top/tools/need" ] || "$top/tools/need" xen || exit 3
missing=''
for tool in make gcc ld flex bison python3 patch xz apt-get; do
	command -v "$tool" >/dev/null || missing="$missing $tool"
done
[ -z "$missing" ] || die 3 "needed to build Xen, but not installed:$missing" \
	"(on Debian: apt install build-essential flex bison python3 patch xz-utils)"

target=$version-${name:-$kind}$debug
cache=${XENOLITH_CACHE:-$HOME/.cache/xenolith}/xen
mkdir -p "$cache/source-$version"
exec 9>"$cache/$version.lock"
if ! flock -n 9; then
	say "waiting for another build of Xen $version"
	flock -w 1800 9 || die 1 "waited 30 minutes for another build of Xen $version"
fi
rm -rf "$cache/$version".tmp.*
work=$(mktemp -d "$cache/$version.tmp.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

stage() { say "[$SECONDS s] Xen $target: $*"; }

# The upstream tarball of Debian's source package, from the mirror this machine already uses. The
# lists are private: the machine's own sources stay as they are.
download() {
	local mirror
	# shellcheck disable=SC2016 # apt's own variables
	mirror=$(apt-get indextargets --format '$(LABEL) $(COMPONENT) $(REPO_URI)' \
		"Created-By: Packages" | sed -n 's/^Debian main //p' | head -n 1)
	[ -n "$mirror" ] || die 3 "apt has no Debian mirror to take Xen's source from" \
		"(or its lists are empty: apt-get update)"
	stage "asking Debian $suite for Xen's source"
	mkdir -p "$work"/apt/lists/partial "$work"/apt/cache/archives/partial
	echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" \
		>"$work/apt/sources.list"
	local apt=(apt-get -q -o "Dir::Etc::sourcelist=$work/apt/sources.list"
		-o Dir::Etc::sourceparts=/dev/null -o "Dir::State::Lists=$work/apt/lists"
		-o "Dir::Cache=$work/apt/cache" -o APT::Sandbox::User=root)
	if ! (cd "$work/apt" && "${apt[@]}" update &&
		"${apt[@]}" source --tar-only --download-only xen) >"$work/apt.log" 2>&1; then
		cat "$work/apt.log" >&2
		die 1 "apt could not get the source package xen of Debian $suite (its messages are above)"
	fi
	rm -f "$cache/source-$version"/*
	mv "$work"/apt/xen_*.orig.tar.xz "$cache/source-$version/"
}

tarball() { find "$cache/source-$version" -name 'xen_*.orig.tar.xz'; }
if [ -n "$update" ] || [ -z "$(tarball)" ]; then
	download
fi
tarball=$(tarball)
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
	mkdir -p "$out"
	cp "$1"/xen.elf "$1"/xen.gz "$1"/version "$out/"
	stage "build/xen/$target/xen.elf, of Xen $from"
	exit 0
}
if [ -z "$source_only" ] && [ -d "$built" ]; then
	touch "$built"
	deliver "$built"
fi

stage "unpacking Xen $from"
mkdir "$work/tree"
tar -x -f "$tarball" -C "$work/tree" --strip-components=1
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
if [ -n "$source_only" ]; then
	rm -rf "$cache/tree-$target"
	mv "$work/tree" "$cache/tree-$target"
	echo "$cache/tree-$target"
	exit 0
fi

# Nothing of who builds it, where and when gets into the hypervisor.
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
next=10
while kill -0 $make_pid 2>/dev/null; do
	if [ $SECONDS -ge $next ]; then
		stage "compiling, $(find "$work/tree/xen" -name '*.o' | wc -l) objects so far"
		next=$((SECONDS + 10))
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
# Hypervisors of older patches that nobody has asked for in a month.
find "$cache" -maxdepth 1 -name "$target-????????????" -mtime +30 -exec rm -rf {} +
deliver "$built"
