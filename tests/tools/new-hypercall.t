#!/bin/sh
# SPDX-License-Identifier: MIT
# tools/new-hypercall, in a copy of this project: what it refuses, and that what it writes compiles and
# applies. tests/slow/new-hypercall.t builds the Xens and calls it.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "$root"

mkdir "$work/copy"
copy_sources "$work/copy"
cd "$work/copy"
find . -type f -exec sha256sum {} + | LC_ALL=C sort >"$work/before"

# refuses STATUS NAME-OF-CHECK TEXT ARG...: and says TEXT.
refuses() {
    # shellcheck disable=SC2086 # several arguments
    expect "$1" "new-hypercall: it refuses $2" tools/new-hypercall $4
    says "$3" "new-hypercall: it refuses $2: the message says why"
}
refuses 2 'no arguments' 'expected a NAME and a NUMBER' ''
refuses 2 'a name with a capital' "name 'Frob': expected" 'Frob 45'
refuses 2 'a name that is a keyword' "name 'double': it is a keyword" 'double 45'
refuses 2 'a name of 21 characters' 'expected 2 to 20' 'abcdefghijklmnopqrstu 45'
refuses 2 'a number that is none' "number '0x2d': expected a decimal number" 'frob 0x2d'
refuses 2 'a number above the tables' 'number 64: expected 0 to 63' 'frob 64'
refuses 1 "a number of Xen's" 'number 34 is taken' 'frob 34'
refuses 1 "an architecture's number" 'number 48 is taken' 'frob 48'
refuses 1 'our number' 'number 46 is taken: assignment_3' 'frob 46'
refuses 1 'a name that is a role' "name 'reader'" 'reader 45'
refuses 2 'a tree that is none' 'no Xen source tree' "--tree $work frob 45"
mkdir -p "$work/tree/xen/include/public/arch-x86"
printf '#define __HYPERVISOR_hypfs_op 42\n#define __HYPERVISOR_mine             45\n' \
    >"$work/tree/xen/include/public/xen.h"
echo '#define __HYPERVISOR_mca __HYPERVISOR_arch_0' >"$work/tree/xen/include/public/arch-x86/xen.h"
refuses 1 'a number that is taken in a tree' 'number 45 is taken: mine' "--tree $work/tree frob 45"
refuses 1 'a name that is taken in a tree' 'has a hypercall of that name' "--tree $work/tree mine 44"
find . -type f -exec sha256sum {} + | LC_ALL=C sort >"$work/after"
expect 0 'new-hypercall: what it refuses changes no file' cmp "$work/before" "$work/after"

expect 0 'new-hypercall: it writes a hypercall' tools/new-hypercall frob_nicate 45
expect 1 'new-hypercall: it does so once' tools/new-hypercall frob_nicate 44
refuses 1 'the number of another one of its own' 'number 45 is taken: frob_nicate' 'other 45'
expect 0 'new-hypercall: the kernel compiles with the role' make --no-print-directory \
    build/xenolith.elf build/dom0/frob_nicate
expect 0 'new-hypercall: the tables agree with each other' sh -c \
    'make --no-print-directory build/tables && tests/tools/tables.t'
expect 0 'new-hypercall: the role and the caller are formatted' \
    clang-format -n --Werror roles/frob_nicate/frob_nicate.c tests/dom0/frob_nicate.c
expect 0 'new-hypercall: the scenario is clean' shellcheck -x tests/scenarios/frob_nicate.sh
expect 0 'new-hypercall: the rooms hold' tools/check-layers
cat xen/hypercall-patch/frob_nicate/4.*/*.patch >"$work/before"
expect 0 'new-hypercall --update: it succeeds' tools/new-hypercall --update frob_nicate
cat xen/hypercall-patch/frob_nicate/4.*/*.patch >"$work/after"
expect 0 'new-hypercall --update: without an edit nothing changes' cmp "$work/before" "$work/after"
sed -i 's/ \* 2;/ * 2; \/* twice *\/\n/' xen/hypercall-patch/frob_nicate/frob_nicate.c
expect 0 'new-hypercall --update: it takes an edit' tools/new-hypercall --update frob_nicate
is "$(cat xen/hypercall-patch/frob_nicate/4.*/*.patch | grep -c '^+.*/\* twice \*/')" 4 \
    'new-hypercall --update: the edit is in each patch'
for version in 4.14 4.17; do
    status=0
    "$root/tools/build-xen.sh" --no-patch --source "$work/xen-$version" "$version" 2>"$work/why" ||
        status=$?
    case $status in
    0)
        expect 0 "new-hypercall: a patch of it applies to Xen $version" tools/patch-check \
            "$work/xen-$version" xen/hypercall-patch/frob_nicate
        ;;
    77) skip "new-hypercall: a patch of it applies to Xen $version" "$(tail -n 1 "$work/why")" ;;
    *) fail "new-hypercall: the source of Xen $version is there" "$(cat "$work/why")" ;;
    esac
done
done_testing
