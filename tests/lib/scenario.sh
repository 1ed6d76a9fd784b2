# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# What tests of one scenario share: `. "$(dirname "$0")/../lib/scenario.sh"`. The scenario writes
# the test's TAP. $name is the test's name.
#
#   run_scenario XEN [OPTION...] SCENARIO [ARG...]
#       Runs SCENARIO on XEN, with options of lab/run, and ends with its status. Skips the test if
#       Debian's archive lacks this Xen, or its image what an option asks for.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/lib/or_skip.sh
. tests/lib/or_skip.sh

name=$(basename "$0" .t)

run_scenario() {
    xen=$1
    shift
    or_skip lab/image.sh "${xen%%-*}"
    status=0
    lab/run --xen "$xen" --name "$name" "$@" || status=$?
    [ $status != 77 ] || {
        echo "1..0 # SKIP the image of Xen $xen lacks what the scenario needs"
        status=0
    }
    exit $status
}
