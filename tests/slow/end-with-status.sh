# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# Scenario for tests/slow/soak-lab-run.sh: prints a line and ends with the given status.
echo "ends with $1"
exit "$1"
