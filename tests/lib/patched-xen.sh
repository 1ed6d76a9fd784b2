# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# What tests of a patched Xen share: tests/lib/scenario.sh, and $xen, the Xen that the test's name
# ends with (default: 4.17-patched). Builds it and all callers of the hypercall.
# shellcheck source=tests/lib/scenario.sh
. "$(dirname "$0")/../lib/scenario.sh"

xen=${name#*-}
[ "$xen" != "$name" ] || xen=4.17-patched
case $xen in
*-patched-debug) or_skip tools/build-xen.sh --debug "${xen%%-*}" ;;
*) or_skip tools/build-xen.sh "${xen%%-*}" ;;
esac
make -s --no-print-directory assignment-callers build/hypercall.iso build/hvm32.iso >&2
