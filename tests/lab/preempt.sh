# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# Scenario for a patched Xen and a dom0 of two vCPUs: checksums of 1 MiB are seen to progress, so
# Xen gave way in the middle of them.
exec /lab/build/peer/assignment preempt 30
