#!/bin/sh
# SPDX-License-Identifier: MIT
# tools/check-layers: accepts this tree and its objects, and refuses trees that break the order.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

check=$root/tools/check-layers

expect 0 'this tree: includes and symbols point downwards' "$check" "$root" "$root/build/obj"

# tree LINE...: makes a good tree, adds each LINE (FILE: TEXT) at the end of its file.
tree() {
    rm -rf "$work/tree"
    mkdir -p "$work/tree"
    for line in 'init/main.c: #include "xen/clock.h"' \
        'xen/clock.h: #include "kernel/printk.h"' \
        'xen/clock.c: #include "xen/clock.h"' \
        'xen/hypercall.h: #include "xen/abi/xen.h"' \
        'xen/hypercall.c: #include "xen/hypercall.h"' \
        'xen/abi/xen.h: #include <xen/xen.h>' \
        'drivers/vga/vga.h: #include "kernel/printk.h"' \
        'kernel/printk.h: #include <stdint.h>' \
        'boot/pvh.c: #include "xen/abi/xen.h"' \
        'boot/boot.asm: %include "boot/magic.inc"' \
        'boot/magic.inc: ; none' \
        'arch/x86_64/cpu.h: #include <stdint.h>' "$@"; do
        file=$work/tree/${line%%: *}
        mkdir -p "$(dirname "$file")"
        printf '%s\n' "${line#*: }" >>"$file"
    done
}

tree
expect 0 'check-layers: it accepts a good tree' "$check" "$work/tree"
tree 'xen/clock.c: #include "xen/evtchn.h"' 'xen/evtchn.h: #include "xen/hypercall.h"'
expect 0 'check-layers: it accepts an include within a room' "$check" "$work/tree"

# wrong NAME MESSAGE LINE...: the tree with LINE... in it is refused with MESSAGE.
wrong() {
    wrong_name=$1
    wrong_message=$2
    shift 2
    tree "$@"
    expect 1 "check-layers: it refuses $wrong_name" "$check" "$work/tree"
    says "$wrong_message" "check-layers: the message about $wrong_name"
}
wrong 'an include upwards' \
    'kernel/printk.h:2: includes xen/clock.h, which is above it: xen/ over kernel/' \
    'kernel/printk.h: #include "xen/clock.h"'
wrong 'an include upwards into the folder around' \
    'xen/abi/xen.h:2: includes xen/clock.h, which is above it: xen/ over xen/abi/' \
    'xen/abi/xen.h: #include "xen/clock.h"'
wrong 'an include upwards from arch/' \
    'arch/x86_64/cpu.h:2: includes kernel/printk.h, which is above it' \
    'arch/x86_64/cpu.h: #  include  "kernel/printk.h"'
wrong 'an include upwards in assembly' \
    'boot/boot.asm:2: includes init/main.c, which is above it' \
    'boot/boot.asm:     %include "init/main.c"'
wrong 'an include of a test' \
    'init/main.c:2: includes tests/unit/test.h, which is above it' \
    'init/main.c: #include "tests/unit/test.h"' 'tests/unit/test.h: '
wrong 'drivers/ including xen/' \
    'drivers/vga/vga.h:2: includes xen/clock.h, but drivers/ and xen/ know nothing of each other' \
    'drivers/vga/vga.h: #include "xen/clock.h"'
wrong 'xen/ including drivers/' \
    'xen/clock.c:2: includes drivers/vga/vga.h, but xen/ and drivers/ know nothing of each other' \
    'xen/clock.c: #include "drivers/vga/vga.h"'
wrong "one of Xen's own headers elsewhere" \
    'kernel/printk.h:2: includes xen/xen.h, which is only for xen/abi/' \
    'kernel/printk.h: #include <xen/xen.h>'
wrong 'a path that is not from the root' \
    'xen/clock.c:2: includes clock.h, which is not a path from the root' \
    'xen/clock.c: #include "clock.h"'
wrong 'a path with .. in it' \
    'kernel/printk.h:2: includes kernel/../xen/clock.h, which is not a path from the root' \
    'kernel/printk.h: #include "kernel/../xen/clock.h"'
wrong 'a folder in no room' \
    'net/tcp.c: in no room' \
    'net/tcp.c: '
wrong 'two headers that include each other' \
    'modules include each other: xen/' \
    'xen/clock.h: #include "xen/evtchn.h"' 'xen/evtchn.h: #include "xen/clock.h"'
wrong 'two modules that include each other' \
    'modules include each other: xen/' \
    'xen/clock.c: #include "xen/evtchn.h"' 'xen/evtchn.h: ' 'xen/evtchn.c: #include "xen/clock.h"' \
    'xen/evtchn.c: #include "xen/evtchn.h"'
wrong 'a circle of three' \
    'modules include each other: xen/' \
    'xen/a.h: #include "xen/b.h"' 'xen/b.h: #include "xen/c.h"' 'xen/c.h: #include "xen/a.h"'

# objects SOURCE...: compiles each SOURCE (FILE: CODE) in a good tree.
objects() {
    tree "$@"
    rm -rf "$work/objects"
    for source in "$@"; do
        object=$work/objects/$(printf '%s\n' "${source%%: *}" | sed 's/\.c$/.o/')
        mkdir -p "$(dirname "$object")"
        printf '%s\n' "${source#*: }" | cc -x c -c -o "$object" -
    done
}

objects 'xen/low.c: void low(void) {}' 'roles/high.c: void low(void); void high(void) { low(); }'
expect 0 'check-layers: it accepts a symbol of a room below' "$check" "$work/tree" "$work/objects"
objects 'xen/low.c: void high(void); void low(void) { high(); }' 'roles/high.c: void high(void) {}'
expect 1 'check-layers: it refuses a symbol of a room above' "$check" "$work/tree" "$work/objects"
says 'xen/low.o: refers to high in roles/high.o, which is above it: roles/ over xen/' \
    'check-layers: the message about a symbol of a room above'
objects 'drivers/a.c: extern int b; int a(void) { return b; }' 'xen/b.c: int b = 1;'
expect 1 'check-layers: it refuses a symbol of xen/ in drivers/' "$check" "$work/tree" "$work/objects"
says 'drivers/a.o: refers to b in xen/b.o, but drivers/ and xen/ know nothing of each other' \
    'check-layers: the message about a symbol of xen/ in drivers/'
tree
mkdir -p "$work/no-objects"
expect 1 'check-layers: it refuses a folder without objects' "$check" "$work/tree" "$work/no-objects"

mkdir "$work/empty"
expect 1 'check-layers: it refuses a tree without sources' "$check" "$work/empty"
expect 2 'check-layers: it refuses a tree that does not exist' "$check" "$work/nothing"
expect 2 'check-layers: it refuses a folder of objects that does not exist' "$check" "$root" "$work/nothing"
expect 2 'check-layers: it refuses three arguments' "$check" "$root" "$root/build/obj" "$root"

done_testing
