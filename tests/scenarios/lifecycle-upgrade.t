#!/bin/sh
# SPDX-License-Identifier: MIT
# A guest that is saved on Xen 4.17 and restored on 4.20, in another run of the lab.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "$root"
# shellcheck source=tests/lib/or_skip.sh
. tests/lib/or_skip.sh
or_skip lab/image.sh 4.17
or_skip lab/image.sh 4.20

# half XEN NAME: runs one half of the test, and passes on its results.
half() {
    expect 0 "upgrade: $2: on Xen $1" lab/run --xen "$1" --name "lifecycle-$2" --timeout 600 \
        tests/scenarios/lifecycle.sh "$2"
    diag "$(cat "build/lab/logs/lifecycle-$2/stdout.log")"
}
half 4.17 send
half 4.20 receive
done_testing
