#!/bin/sh
# SPDX-License-Identifier: MIT
# Xen's console loses nothing that it need not: tests/scenarios/console.sh, which speaks TAP itself.
set -eu
cd "$(dirname "$0")/../.."
make -s -f tests/guests/flood/flood.mk
exec lab/run --name console --timeout 400 tests/scenarios/console.sh
