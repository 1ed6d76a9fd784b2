#!/bin/sh
# SPDX-License-Identifier: MIT
# assignment_3 on Xen 4.20-patched, called by every kind of domain.
# shellcheck source=tests/lib/patched-xen.sh
. "$(dirname "$0")/../lib/patched-xen.sh"
exec lab/run --xen "$xen" --name "$name" --timeout 900 tests/scenarios/hypercall.sh
