#!/bin/sh
# SPDX-License-Identifier: MIT
# The tables of roles and of keys, against README, the boot menu and the Makefile.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "$root"

tables=build/tables

"$tables" readme >"$work/wanted"
expect 0 "tables: the roles' own keys are keys" "$tables" keys

# table FIRST: the lines of README's table that begins with the line FIRST.
table() { awk -v first="$1" '$0 == first { on = 1 } !/^\|/ { on = 0 } on' README.md; }
{
    table '| role | what it does | its keys |'
    table '| key | values | default | what it means |'
} >"$work/got"
expect 0 'README: the tables of roles and keys are those of roles/*.def' \
    diff -u "$work/got" "$work/wanted"

"$tables" menu >"$work/wanted"
grep -E '^(set [a-z0-9_]+_args|menuentry|    eval)' iso/boot/grub/grub.cfg >"$work/got"
expect 0 'boot menu: its entries are the roles' diff -u "$work/got" "$work/wanted"

sed -n 's/^ROLES := //p' Makefile | tr ' ' '\n' >"$work/isos"
sed -n 's/^menuentry .* --id \([a-z0-9_]*\) {$/\1/p' "$work/wanted" >"$work/roles"
expect 1 'Makefile: each ISO boots a role' grep -vxFf "$work/roles" "$work/isos"

done_testing
