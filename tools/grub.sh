#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Gets another Debian's GRUB for BIOS and prints the folder of its modules, for
# `tools/mkiso.sh --grub DIR`. It installs nothing.
#
# usage: tools/grub.sh SUITE      SUITE is a release of Debian: bookworm, trixie, testing, ...
#
# The folder is kept under $XENOLITH_CACHE (default ~/.cache/xenolith), in grub/SUITE; its file
# `version` has GRUB's version. Remove the folder to ask the archive again.
# Exit status: 0 made or found, 1 not made, 2 bad usage, 3 something needed is missing, 77 Debian's
# archive lacks it now (the last line says so; tests then skip what needs it).
set -eu

# shellcheck source=tools/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tools/archive.sh
. "$(dirname "$0")/archive.sh"

[ $# = 1 ] || die 2 "expected one argument: a suite of Debian, such as trixie"
suite=$1
case $suite in
'' | *[!a-z-]* | -*) die 2 "suite '$suite': expected a release of Debian, such as trixie" ;;
esac
for tool in apt-get dpkg-deb; do
    command -v $tool >/dev/null || die 3 "$tool is not installed: GRUB is taken from Debian's packages"
done

cache=$(cache_folder grub)
found() { [ -s "$cache/$suite/version" ]; }
if ! found; then
    cache_work "$cache" "$suite"
fi
if ! found; then
    say "[$SECONDS s] asking Debian $suite for grub-pc-bin"
    why=''
    archive_download "$suite" grub-pc-bin ||
        die 77 "cannot get GRUB of Debian $suite: $why; try again later"
    # shellcheck disable=SC2154 # archive_download sets $archive_package
    package=$archive_package
    if ! { version=$(dpkg-deb -f "$package" Version) && dpkg-deb -x "$package" "$work/root"; }; then
        die 1 "cannot unpack ${package##*/} (dpkg-deb's message is above)"
    fi
    modules=$work/root/usr/lib/grub/i386-pc
    [ -e "$modules/multiboot2.mod" ] ||
        die 1 "${package##*/} has no usr/lib/grub/i386-pc/multiboot2.mod: expected GRUB for BIOS"
    echo "$version" >"$modules/version"
    rm -rf "${cache:?}/$suite"
    mv "$modules" "$cache/$suite"
    say "[$SECONDS s] GRUB $version of Debian $suite is in $cache/$suite"
fi
echo "$cache/$suite"
