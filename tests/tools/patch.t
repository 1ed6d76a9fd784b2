#!/bin/sh
# SPDX-License-Identifier: MIT
# xen/hypercall-patch: a patch applies without fuzz to every Xen source in Debian's archive, and a
# tree that no patch fits gets a clear message.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

patches=$root/xen/hypercall-patch
tree=

for version in 4.14 4.17 4.20; do
    case $version in
    4.14) folder=4.11-4.15 ;;
    *) folder=4.17-4.22 ;;
    esac
    status=0
    output=$("$root/tools/build-xen.sh" --no-patch --source "$work/xen-$version" "$version" 2>&1) ||
        status=$?
    case $status in
    0) pass "Xen $version: Debian has its source" ;;
    77)
        skip "Xen $version: the patch" "$(printf '%s\n' "$output" | tail -n 1)"
        continue
        ;;
    *)
        fail "Xen $version: Debian has its source" "build-xen.sh ended with $status:
$output"
        continue
        ;;
    esac
    tree=$work/xen-$version
    expect 0 "Xen $version: a patch applies" "$root/tools/patch-check" "$tree"
    says "xen/hypercall-patch/$folder: yes" "Xen $version: the patch is that of $folder"

    rm -rf "$work/git" "$work/patch"
    cp -r "$tree" "$work/git"
    cp -r "$tree" "$work/patch"
    expect 0 "Xen $version: git apply takes the patch" \
        sh -c "cd '$work/git' && GIT_CEILING_DIRECTORIES='$work' git apply -v '$patches/$folder'/*.patch"
    expect 0 "Xen $version: patch takes the patch" \
        sh -c "cd '$work/patch' && cat '$patches/$folder'/*.patch | patch -p1 --no-backup-if-mismatch"
    case $output in
    *fuzz* | *FAILED*) fail "Xen $version: the patch applies without fuzz" "$output" ;;
    *) pass "Xen $version: the patch applies without fuzz" ;;
    esac
    expect 0 "Xen $version: git apply and patch make the same tree" diff -r "$work/git" "$work/patch"
    expect 0 "Xen $version: the public header is the one our kernel includes" \
        cmp "$work/git/xen/include/public/assignment_3.h" "$patches/assignment_3.h"
    # In another repository that knows nothing of the tree, where git apply would do nothing.
    rm -rf "$work/other's"
    mkdir "$work/other's"
    git -C "$work/other's" init -q
    cp -r "$tree" "$work/other's/xen"
    output=$("$root/tools/patch-check" "$work/other's/xen")
    expect 0 "Xen $version: the command that patch-check prints works inside another repository" \
        sh -c "$(printf '%s\n' "$output" | sed -n 's/^To apply it: //p')"
    expect 0 "Xen $version: it makes the same tree" diff -r "$work/git" "$work/other's/xen"
    expect 1 "Xen $version: the patch applies only once" "$root/tools/patch-check" "$work/git"
    says 'has the hypercall already' "Xen $version: the message says why"
done

# A tree whose lines around ours differ.
if [ -n "$tree" ]; then
    rm -rf "$work/git"
    sed -i 's/^\/\* Architecture-specific hypercall definitions/\/* Others/' \
        "$tree/xen/include/public/xen.h"
    expect 1 'patch-check: it refuses a tree that no patch fits' "$root/tools/patch-check" "$tree"
    says 'no patch applies' 'patch-check: the message says that no patch applies'
    says 'xen/include/public/xen.h: Hunk #1 FAILED' 'patch-check: it shows what failed, and in which file'
else
    skip 'patch-check: it refuses a tree that no patch fits' 'no source of Xen is to be had'
fi
expect 2 'patch-check: it refuses a folder that is no Xen tree' "$root/tools/patch-check" "$work"
says 'expected xen/Makefile' 'patch-check: the message names what is missing'
expect 2 'patch-check: it refuses no arguments' "$root/tools/patch-check"

expect 2 'build-xen: it refuses a version that Debian does not have' "$root/tools/build-xen.sh" 4.13
says "expected an option or one of 4.14, 4.17, 4.20" 'build-xen: the message names the versions that Debian has'

done_testing
