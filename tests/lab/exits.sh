# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# Scenario: says a line and ends with the status it is given; for tests/soak-lab-run.sh.
echo "ends with $1"
exit "$1"
