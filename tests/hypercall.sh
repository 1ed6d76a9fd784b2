# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# What tests/hypercall.t and its like in tests/all share: builds the Xen that the test's name
# ends with, the callers, and lets the scenario judge.
set -eu
cd "$(dirname "$0")"
while [ ! -d lab ] || [ ! -d kernel ]; do cd ..; done

name=$(basename "$0" .t)
xen=${name#*-}
[ "$xen" != "$name" ] || xen=4.17-patched
case $xen in
*-patched-debug) tools/build-xen.sh --debug "${xen%%-*}" >&2 ;;
*) tools/build-xen.sh "${xen%%-*}" >&2 ;;
esac
make -s --no-print-directory assignment-callers build/hypercall.iso build/hvm32.iso >&2
