#!/bin/sh
# SPDX-License-Identifier: MIT
# Streams through vchans on the Xen in this file's name: our guests, and libxenvchan in dom0. On 4.17
# all of them, but for those of tests/slow/streams-long.t; on the others what must work everywhere.
# usage: tests/scenarios/streams-XEN.t [SET|NAME...]    sets and streams of streams.sh
# shellcheck source=tests/lib/scenario.sh
. "$(dirname "$0")/../lib/scenario.sh"
xen=${name#streams-}
case $xen:$# in
4.17:0) set -- first together hvm ;;
*:0) set -- everywhere hvm ;;
esac
# Another of these tests may run at the same time.
mkdir -p build/tests/streams
for role in sender receiver; do
    iso=build/tests/streams/$role.iso
    tools/mkiso.sh --default $role --args 'name=hvm size=67108864 wait=300' build/xenolith.elf "$iso.$$"
    mv "$iso.$$" "$iso"
done
run_scenario "$xen" --timeout 1200 tests/scenarios/streams.sh "$@"
