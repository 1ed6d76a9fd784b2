#!/bin/sh
# SPDX-License-Identifier: MIT
# A long checksum gives way: with two vCPUs dom0 can watch its own call progress.
# shellcheck source=tests/lib/patched-xen.sh
. "$(dirname "$0")/../lib/patched-xen.sh"
exec lab/run --xen "$xen" --name "$name" --timeout 300 --cpus 2 --xen-args dom0_max_vcpus=2 \
    tests/scenarios/preempt.sh
