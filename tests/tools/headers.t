#!/bin/sh
# SPDX-License-Identifier: MIT
# The kernel compiles against the public headers of each Xen whose source Debian has, and against
# older ones, which lack some of what newer ones have.
# usage: tests/tools/headers.t [TREE...]    Xen source trees of your own (default: what Debian has)
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "$root"

# builds NAME HEADERS: in a folder of its own.
builds() {
    expect 0 "the kernel compiles against the headers of $1" \
        make --no-print-directory O="$work/build-$1" XEN_INCLUDE="$2"
}

for tree; do
    builds "$(basename "$tree")" "$tree/xen/include/public"
done
[ $# = 0 ] || done_testing

for version in 4.14 4.17 4.20; do
    status=0
    tree=$work/xen-$version
    tools/build-xen.sh --no-patch --source "$tree" "$version" 2>"$work/why" || status=$?
    case $status in
    0) builds "$version" "$tree/xen/include/public" ;;
    77) skip "the headers of $version" "$(tail -n 1 "$work/why")" ;;
    *) fail "the source of Xen $version is there" "$(cat "$work/why")" ;;
    esac
done

# Remove from the installed headers everything that those of 4.11 lack.
cp -rL "${XEN_INCLUDE:-/usr/include/xen}" "$work/old"
sed -i -e '/GNTST_no_space/d' -e '/"out of space"/d' "$work/old/grant_table.h"
sed -i -e '/XENSTORE_ERROR_/d' -e '/XENSTORE_SERVER_FEATURE_ERROR/d' -e '/uint32_t error;/d' \
    "$work/old/io/xs_wire.h"
sed -i 's/\(define __XEN_LATEST_INTERFACE_VERSION__\) .*/\1 0x00040901/' "$work/old/xen-compat.h"
expect 1 'the old headers lack what those of Xen 4.11 lack' grep -rE 'GNTST_no_space|XENSTORE_ERROR_|0x00040e00' \
    "$work/old/grant_table.h" "$work/old/io/xs_wire.h" "$work/old/xen-compat.h"
builds old "$work/old"

done_testing
