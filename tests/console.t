#!/bin/sh
# SPDX-License-Identifier: MIT
# Xen's console loses nothing that it need not: tests/lab/console.sh, which speaks TAP itself.
set -eu
cd "$(dirname "$0")/.."
make -s -f tests/flood/flood.mk
exec lab/run --name console --timeout 400 tests/lab/console.sh
