# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# What tests of a patched Xen share (tests/scenarios/hypercall.t, preempt.t, tests/slow/): builds
# the callers and the Xen that the test's name ends with. The scenario judges.
set -eu
cd "$(dirname "$0")"
until [ -f lab/run ] && [ -d kernel ]; do
    case $PWD in
    / | //)
        echo "patched-xen.sh: no project above $(dirname "$0"): expected a folder with lab/run and kernel" >&2
        exit 1
        ;;
    esac
    cd ..
done
# shellcheck source=tests/lib/or_skip.sh
. tests/lib/or_skip.sh

name=$(basename "$0" .t)
xen=${name#*-}
[ "$xen" != "$name" ] || xen=4.17-patched
case $xen in
*-patched-debug) or_skip tools/build-xen.sh --debug "${xen%%-*}" ;;
*) or_skip tools/build-xen.sh "${xen%%-*}" ;;
esac
or_skip lab/image.sh "${xen%%-*}"
make -s --no-print-directory assignment-callers build/hypercall.iso build/hvm32.iso >&2
