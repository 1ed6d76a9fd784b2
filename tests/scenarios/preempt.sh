# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# Scenario for a patched Xen and a dom0 with two vCPUs: one vCPU sees the other's checksum of 1 MiB
# progress, so Xen preempts the call in the middle.
exec /lab/build/dom0/assignment preempt 30
