#!/bin/sh
# SPDX-License-Identifier: MIT
# Xen preempts a long checksum: with two vCPUs dom0 watches its own call progress.
# shellcheck source=tests/lib/patched-xen.sh
. "$(dirname "$0")/../lib/patched-xen.sh"
run_scenario "$xen" --timeout 600 --cpus 2 --xen-args dom0_max_vcpus=2 tests/scenarios/preempt.sh
