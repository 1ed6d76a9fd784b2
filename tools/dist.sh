#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Makes build/xenolith-VERSION.tar.xz, and SHA256SUMS beside it: the ISOs, the kernel,
# configurations, xenolith-check with its images, tables and golden logs, its manual page, the
# licence and sums of all. Everything is built anew in a copy of the sources and with nothing of the
# environment (LLVM=1 is not heard), so the same commit makes the same bytes with the same tools.
#
#   tools/dist.sh      make dist
#
# SOURCE_DATE_EPOCH is the date of every file (seconds; default: the last commit's).
# Exit status: 0 made; 1 not made.
set -eu

cd "$(dirname "$0")/.."
# shellcheck source=tools/common.sh
. tools/common.sh
make_work

version=$(cat VERSION)
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2>/dev/null || echo 1609459200)}"
export SOURCE_DATE_EPOCH
out=$PWD/build
mkdir -p "$out" "$work/source"
[ -z "$(git status --porcelain --untracked-files=no 2>/dev/null)" ] ||
    say 'files differ from the last commit: this release is of no commit'
copy_sources "$work/source"
cd "$work/source"
env -i "PATH=$PATH" "TMPDIR=$work" "SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH" \
    make -s "-j$(nproc)" NEED=true NASM_DEBUG= check-data >"$work/log" 2>&1 || {
    tail -n 30 "$work/log" >&2
    die 1 "make check-data failed in a copy of the sources (its last messages are above)"
}
folder=$work/xenolith-$version
mkdir -p "$folder/cfg"
cp build/xenolith.elf build/xenolith.iso build/selftest.iso build/writer.iso build/reader.iso \
    LICENSE README.md CHANGELOG.md docs/xenolith-check.8 tools/xenolith-check "$folder/"
cp cfg/*.cfg "$folder/cfg/"
cp -R build/check "$folder/data"
for iso in writer reader; do
    ln -sf "../$iso.iso" "$folder/data/$iso.iso"
done
ln -sf ../xenolith.elf "$folder/data/xenolith.elf"
(cd "$folder" && find . -type f ! -name SHA256SUMS | LC_ALL=C sort | sed 's|^\./||' |
    xargs sha256sum) >"$work/sums"
mv "$work/sums" "$folder/SHA256SUMS"

chmod -R u=rwX,go=rX "$folder"
tarball=xenolith-$version.tar
tar -C "$work" --sort=name --format=ustar --owner=0 --group=0 --numeric-owner \
    --mtime="@$SOURCE_DATE_EPOCH" -cf "$work/$tarball" "xenolith-$version"
xz -9e -T1 "$work/$tarball"
mv "$work/$tarball.xz" "$out/"
(cd "$out" && sha256sum "$tarball.xz" >SHA256SUMS)
say "$tarball.xz: $(stat -c %s "$out/$tarball.xz") bytes, in build/"
