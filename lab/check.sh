#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Scenario: tools/xenolith-check in the lab's dom0, with what `make check-data` made. Its reports
# are in the log folder: junit.xml, report.json and a tarball.
#
# usage: lab/run --timeout 3000 lab/check.sh [OPTION...] [NAME...]     as xenolith-check has them
#
# Exit status: that of xenolith-check. Emulation is slow: a guest has 600 s, unless an option says
# otherwise.
exec tools/xenolith-check --data /lab/build/check --timeout 600 --junit /lab/logs/junit.xml \
    --json /lab/logs/report.json --results /lab/logs "$@"
