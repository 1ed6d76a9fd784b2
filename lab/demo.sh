#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The scenario of `make demo`: boots the ISO once as an HVM guest, shows its
# serial log as it comes and keeps a picture of its screen.
#
# usage: lab/run lab/demo.sh [ISO]     ISO inside build/, default xenolith.iso
# Exit status: 0 when the guest said PASS and powered itself off, else 1.
set -eu
. lab/lib.sh

iso=/lab/build/${1:-xenolith.iso}
[ -f "$iso" ] || {
	echo "demo: no $iso: build it first (make iso)" >&2
	exit 1
}

lab_create demo cfg/none.cfg "iso=$iso"
lab_follow 240 demo || :
lab_screen demo || :
end=$(lab_state demo)
lab_destroy demo

if [ "$end" = poweroff ] && grep -q '^>> RESULT: PASS' /lab/logs/demo.serial.log; then
	lab_say "demo: PASS, and the guest powered itself off"
	exit 0
fi
lab_say "demo: FAILED: expected '>> RESULT: PASS' and the end 'poweroff', got" \
	"'$(grep -a '^>> RESULT' /lab/logs/demo.serial.log || echo 'no result')' and '$end'"
exit 1
