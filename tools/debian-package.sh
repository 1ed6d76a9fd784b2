#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Gets a Debian package and prints the folder of its files. It installs nothing.
#
# usage: tools/debian-package.sh SUITE PACKAGE
#
# The folder is kept under $XENOLITH_CACHE (default ~/.cache/xenolith), in packages/SUITE/PACKAGE;
# its file `.version` has the package's version, `.depends` what it depends on, one a line. Remove
# the folder to ask the archive again.
# Exit status: 0 made or found, 1 not made, 2 bad usage, 3 something needed is missing, 77 Debian's
# archive lacks it now (the last line says so; tests then skip what needs it).
set -eu

# shellcheck source=tools/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tools/archive.sh
. "$(dirname "$0")/archive.sh"

[ $# = 2 ] || die 2 "expected two arguments: a suite of Debian, such as bookworm, and a package"
suite=$1 package=$2
case $suite in
'' | *[!a-z-]* | -*) die 2 "suite '$suite': expected a release of Debian, such as bookworm" ;;
esac
case $package in
'' | *[!a-z0-9.+-]* | [!a-z0-9]*) die 2 "package '$package': expected the name of a Debian package" ;;
esac
for tool in apt-get dpkg-deb; do
    command -v $tool >/dev/null || die 3 "$tool is not installed: packages come from Debian's archive"
done

cache=$(cache_folder "packages/$suite")
found() { [ -s "$cache/$package/.version" ]; }
if ! found; then
    cache_work "$cache" "$package"
fi
if ! found; then
    say "[$SECONDS s] asking Debian $suite for $package"
    archive_download "$suite" "$package" ||
        die 77 "cannot get $package of Debian $suite: $why; try again later"
    # shellcheck disable=SC2154 # archive_download sets $archive_package
    file=$archive_package
    if ! { mkdir "$work/root" && dpkg-deb -x "$file" "$work/root"; }; then
        die 1 "cannot unpack ${file##*/} (dpkg-deb's message is above)"
    fi
    dpkg-deb -f "$file" Depends | tr ',' '\n' | sed 's/^ *//; s/ .*//' >"$work/root/.depends"
    dpkg-deb -f "$file" Version >"$work/root/.version"
    rm -rf "${cache:?}/$package"
    mv "$work/root" "$cache/$package"
    say "[$SECONDS s] $package $(cat "$cache/$package/.version") is in $cache/$package"
fi
echo "$cache/$package"
