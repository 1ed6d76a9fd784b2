#!/bin/sh
# SPDX-License-Identifier: MIT
# A long checksum gives way: with two vCPUs dom0 can watch its own call progress.
# shellcheck source=tests/hypercall.sh
. "$(dirname "$0")/hypercall.sh"
exec lab/run --xen "$xen" --name "$name" --timeout 300 --cpus 2 --xen-args dom0_max_vcpus=2 \
    tests/lab/preempt.sh
