#!/bin/sh
# SPDX-License-Identifier: MIT
# The release and the Debian package: a second build makes the same bytes, lintian finds nothing, and
# both work in a bare root of Debian 12, as far as they can without Xen.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "$root"
version=$(cat VERSION)
deb=build/xenolith.deb
dist=build/xenolith-$version.tar.xz
expect 0 'deb: it is made' make -s --no-print-directory deb
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || echo 1609459200)
export SOURCE_DATE_EPOCH
expect 0 'dist: it is made' make -s --no-print-directory dist

cp "$dist" "$work/first"
mkdir "$work/elsewhere"
expect 0 'dist: it is made again, in another folder' env TMPDIR="$work/elsewhere" tools/dist.sh
expect 0 'dist: the two are the same bytes' cmp "$dist" "$work/first"

is "$(dpkg-parsechangelog -SVersion)" "$version" 'deb: its version is that of VERSION'
expect 0 'deb: lintian finds nothing' lintian -EI --pedantic --fail-on error,warning,info,pedantic \
    --allow-root "$deb"
tools/xenolith-check --help | sed -n 's/^  \(--[a-z-]*\).*/\1/p' | sort >"$work/options"
sed 's/\\-/-/g' docs/xenolith-check.8 | grep -oE -- '--[a-z-]+' | sort -u >"$work/in-page"
expect 0 'manual page: it has every option of --help' grep -q . "$work/options"
comm -23 "$work/options" "$work/in-page" >"$work/missing"
expect 0 'manual page: no option is missing' diff /dev/null "$work/missing"
expect 0 'manual page: it has the version' grep -qF "\"Xenolith $version\"" docs/xenolith-check.8

[ "$(id -u)" = 0 ] || {
    skip 'a bare root' 'it needs mount and chroot: run this as root'
    done_testing
}
mirror=$(apt_mirror Debian)
[ -n "$mirror" ] || {
    skip 'a bare root' 'apt has no Debian mirror, or its lists are empty'
    done_testing
}
bare=$work/bare
proxy=$(apt_proxy)
# shellcheck disable=SC2016 # mmdebstrap's hooks
expect 0 'bare root: the package is installed' mmdebstrap --quiet --variant=minbase \
    --dpkgopt=force-unsafe-io ${proxy:+--aptopt="Acquire::http::Proxy \"$proxy\""} \
    --include=autopkgtest,xz-utils --customize-hook="copy-in $deb $dist debian /root" \
    --customize-hook='chroot "$1" apt-get install -qqy --no-install-recommends /root/xenolith.deb' \
    bookworm "$bare" "$mirror"
# shellcheck disable=SC2317 # expect calls it
in_root() { chroot "$bare" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root sh -c "$1"; }
expect 0 'bare root: xenolith-check is there' in_root 'cd / && xenolith-check --version'
says "xenolith-check $version" 'bare root: its version is the release'
expect 0 'bare root: it lists its guests' in_root 'cd / && xenolith-check --list'
says 'pair-auto ' 'bare root: pairs, too'
expect 3 'bare root: it says that this is no Xen host' in_root 'cd / && xenolith-check'
says "'xl info' failed: expected root in the dom0 of a Xen host" 'bare root: the message'
# autopkgtest's 8: it has skipped every test.
expect 8 "bare root: so does the package's own test, which autopkgtest skips" in_root \
    'mkdir -p /root/test/debian && cp -R /root/debian/tests /root/test/debian/ && cd / &&
    autopkgtest /root/xenolith.deb /root/test -- null'
says 'safe                 SKIP exit status 77' 'bare root: for the reason that it gives'
expect 0 'bare root: the manual page is there' \
    test -s "$bare/usr/share/man/man8/xenolith-check.8.gz"
expect 0 'bare root: the package goes' in_root 'dpkg --purge xenolith'
# shellcheck disable=SC2016 # the inner shell's
expect 1 'bare root: and leaves nothing' sh -c 'find "$0" -xdev -name "*xenolith*" \
    ! -path "$0/root/*" ! -path "$0/var/cache/*" | grep .' "$bare"
expect 0 'bare root: the release is unpacked' in_root "cd /root && tar -xJf xenolith-$version.tar.xz"
expect 0 'bare root: its sums are right' \
    in_root "cd /root/xenolith-$version && sha256sum --quiet -c SHA256SUMS"
expect 0 'bare root: its xenolith-check lists the guests' \
    in_root "cd / && /root/xenolith-$version/xenolith-check --list 'hvm-*'"
says 'hvm-selftest ' 'bare root: those asked for'
expect 3 'bare root: it says that this is no Xen host' in_root "/root/xenolith-$version/xenolith-check"
rm -rf "$bare"
done_testing
