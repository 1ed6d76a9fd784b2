#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Makes the Debian package xenolith from a copy of the sources.
#
#   tools/deb.sh OUT.deb      make deb
#
# Exit status: 0 made; 1 not made; 2 usage.
set -eu

[ $# = 1 ] || { echo 'usage: deb.sh OUT.deb' >&2; exit 2; }
cd "$(dirname "$0")/.."
# shellcheck source=tools/common.sh
. tools/common.sh
make_work

version=$(cat VERSION)
mkdir "$work/xenolith-$version"
copy_sources "$work/xenolith-$version"
(cd "$work/xenolith-$version" && dpkg-buildpackage -b -us -uc "-j$(nproc)") >"$work/log" 2>&1 || {
    tail -n 30 "$work/log" >&2
    die 1 "dpkg-buildpackage failed (its last messages are above)"
}
mv "$work/xenolith_${version}_amd64.deb" "$1"
say "$1: xenolith $version, $(stat -c %s "$1") bytes"
