#!/bin/sh
# SPDX-License-Identifier: MIT
# assignment_3 on Xen 4.14-patched, called by every kind of domain.
# shellcheck source=tests/hypercall.sh
. "$(dirname "$0")/../hypercall.sh"
exec lab/run --xen "$xen" --name "$name" --timeout 900 tests/lab/hypercall.sh
