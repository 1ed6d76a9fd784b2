#!/bin/sh
# SPDX-License-Identifier: MIT
# tools/check-layers: this tree keeps its layers, and trees that do not are refused.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

check=$root/tools/check-layers

expect 0 'this tree keeps its layers' "$check" "$root"

# tree LINE...: makes a good tree, adds each LINE (FILE: TEXT) at the end of its file.
tree() {
    rm -rf "$work/tree"
    mkdir -p "$work/tree"
    for line in 'kernel/main.c: #include "xen/time.h"' \
        'xen/time.h: #include "kernel/printk.h"' \
        'xen/time.c: #include "xen/time.h"' \
        'xen/hypercall.h: #include "xen/abi.h"' \
        'xen/hypercall.c: #include "xen/hypercall.h"' \
        'xen/abi.h: #include <xen/xen.h>' \
        'drivers/vga/vga.h: #include "kernel/printk.h"' \
        'kernel/printk.h: #include <stdint.h>' \
        'boot/pvh.c: #include <xen/arch-x86/hvm/start_info.h>' \
        'boot/boot.asm: %include "boot/magic.inc"' \
        'boot/magic.inc: ; none' \
        'arch/x86_64/cpu.h: #include <stdint.h>' "$@"; do
        file=$work/tree/${line%%: *}
        mkdir -p "$(dirname "$file")"
        printf '%s\n' "${line#*: }" >>"$file"
    done
}

tree
expect 0 'a good tree' "$check" "$work/tree"
tree 'xen/time.c: #include "xen/event.h"' 'xen/event.h: #include "xen/hypercall.h"'
expect 0 'an include within a layer' "$check" "$work/tree"

# wrong NAME MESSAGE LINE...: the tree with LINE... in it is refused with MESSAGE.
wrong() {
    wrong_name=$1
    wrong_message=$2
    shift 2
    tree "$@"
    expect 1 "$wrong_name" "$check" "$work/tree"
    says "$wrong_message" "$wrong_name: the message"
}
wrong 'an include upwards' \
    'kernel/printk.h:2: includes xen/time.h, which is above it' \
    'kernel/printk.h: #include "xen/time.h"'
wrong 'an include upwards between the layers of xen/' \
    'xen/hypercall.c:2: includes xen/time.h, which is above it' \
    'xen/hypercall.c: #include "xen/time.h"'
wrong 'an include upwards from arch/' \
    'arch/x86_64/cpu.h:2: includes kernel/printk.h, which is above it' \
    'arch/x86_64/cpu.h: #  include  "kernel/printk.h"'
wrong 'an include upwards in assembly' \
    'boot/boot.asm:2: includes kernel/main.c, which is above it' \
    'boot/boot.asm:     %include "kernel/main.c"'
wrong 'an include of a test' \
    'kernel/main.c:2: includes tests/unit/test.h, which is above it' \
    'kernel/main.c: #include "tests/unit/test.h"' 'tests/unit/test.h: '
wrong 'drivers/ including xen/' \
    'drivers/vga/vga.h:2: includes xen/abi.h, but drivers/ and xen/ know nothing of each other' \
    'drivers/vga/vga.h: #include "xen/abi.h"'
wrong 'xen/ including drivers/' \
    'xen/time.c:2: includes drivers/vga/vga.h, but drivers/ and xen/ know nothing of each other' \
    'xen/time.c: #include "drivers/vga/vga.h"'
wrong "one of Xen's own headers elsewhere" \
    'kernel/printk.h:2: includes xen/xen.h, which is only for xen/ and boot/pvh.c' \
    'kernel/printk.h: #include <xen/xen.h>'
wrong 'a path that is not from the root' \
    'xen/time.c:2: includes time.h, which is not a path from the root' \
    'xen/time.c: #include "time.h"'
wrong 'a path with .. in it' \
    'kernel/printk.h:2: includes kernel/../xen/time.h, which is not a path from the root' \
    'kernel/printk.h: #include "kernel/../xen/time.h"'
wrong 'a file in no layer' \
    'kernel/new.c: in no layer' \
    'kernel/new.c: #include "kernel/printk.h"'
wrong 'a folder in no layer' \
    'net/tcp.c: in no layer' \
    'net/tcp.c: '
wrong 'two headers that include each other' \
    'modules include each other: xen/' \
    'xen/time.h: #include "xen/event.h"' 'xen/event.h: #include "xen/time.h"'
wrong 'two modules that include each other' \
    'modules include each other: xen/' \
    'xen/time.c: #include "xen/event.h"' 'xen/event.h: ' 'xen/event.c: #include "xen/time.h"' \
    'xen/event.c: #include "xen/event.h"'
wrong 'a circle of three' \
    'modules include each other: xen/' \
    'xen/a.h: #include "xen/b.h"' 'xen/b.h: #include "xen/c.h"' 'xen/c.h: #include "xen/a.h"'

mkdir "$work/empty"
expect 1 'a tree without sources' "$check" "$work/empty"
expect 2 'no such tree' "$check" "$work/nothing"
expect 2 'two trees' "$check" "$root" "$root"

done_testing
