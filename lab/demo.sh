#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The scenario of `make demo`: boots build/xenolith.iso once, shows its serial log as it comes and
# keeps a picture of its screen in build/lab/logs/demo. Exit status 0 if the guest ends with PASS.
. lab/lib.sh

name=none
log=$lab_logs/$name.serial.log
echo "demo: creating the guest; GRUB starts in it in about half a minute"
lab_create $name cfg/none.cfg iso=/lab/build/xenolith.iso || exit 1

tail -f "$log" | awk '/^>> Control/ { ours = 1 } ours { sub(/\r$/, ""); print; fflush() }' &
reader=$!
lab_wait_line $name 240 '^>> RESULT' >/tmp/result || exit 1
end=$(lab_wait_end $name 30)
sleep 1
kill $reader 2>/dev/null
lab_screen $name
lab_destroy $name

echo "demo: $(cat /tmp/result), and the domain ended: $end"
[ "$(cat /tmp/result)" = ">> RESULT: PASS" ] && [ "$end" = poweroff ]
