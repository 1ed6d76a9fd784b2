#!/bin/sh
# SPDX-License-Identifier: MIT
# What the toolstack does to a running guest, on the Xen that this file's name ends with, or with
# oxenstored on 4.17: on 4.17 all that matters, on the others what must work everywhere. tests/slow/
# has links to this file that run everything.
# usage: tests/scenarios/lifecycle-VARIANT.t [SET|NAME...]    sets and rows of lifecycle.table and lifecycle.sh
# shellcheck source=tests/lib/scenario.sh
. "$(dirname "$0")/../lib/scenario.sh"
variant=${name#lifecycle-}
case $variant:$# in
all-*:0) set -- first stop stop-hvm save save-hvm save-vcpus 20-saves pair pairs pair-hvm others ;;
4.17:0) set -- first stop stop-hvm save save-hvm idle-4vcpus idle-hvm-4vcpus pair rounds hostile lost sleeps grant waiting together held ;;
*:0) set -- first save save-hvm idle-hvm-4vcpus pair-writer pair-reader ;;
esac
# Another of these tests may run at the same time.
iso=build/tests/lifecycle/6000-rounds.iso
mkdir -p "${iso%/*}"
tools/mkiso.sh --default writer --args 'rounds=6000 name=pair-hvm wait=300' build/xenolith.elf "$iso.$$"
mv "$iso.$$" "$iso"
case ${variant#all-} in
oxenstored) run_scenario 4.17 --xenstored oxenstored --timeout 3000 tests/scenarios/lifecycle.sh "$@" ;;
*) run_scenario "${variant#all-}" --timeout 3000 tests/scenarios/lifecycle.sh "$@" ;;
esac
