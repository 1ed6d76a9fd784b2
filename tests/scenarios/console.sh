# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# Scenario: PVH guests print 64 KiB on Xen's console (tests/guests/flood) while xenconsoled is
# stopped, and are destroyed as soon as they end.
# Needs build/flood.elf: make -f tests/guests/flood/flood.mk
# shellcheck source=lab/lib.sh
. lab/lib.sh
# shellcheck source=tests/lib/tap.sh
. tests/lib/tap.sh

# 64 KiB of lines, as the console sends them.
awk 'BEGIN { for (i = 0; i < 1024; i++)
    printf "flood %04d 0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP\r\n", i }' >/tmp/flood

# flood NAME MESSAGE: creates the guest
flood() {
    lab_create "$1" cfg/pvh.cfg 'kernel="/lab/build/flood.elf"' 'on_poweroff="destroy"' \
        "cmdline='role=selftest message=$2'"
}

# begins NAME: waits until the flood is about to begin
# shellcheck disable=SC2317 # check calls it
begins() {
    lab_within 60 0.1 grep -qa '^The flood begins' "$lab_logs/$1.serial.log" && return 0
    lab_report "$1" 'never began'
    return 1
}

# ended NAME SECONDS: waits until the domain is gone
ended() {
    is "$(lab_wait_end "$1" "$2")" gone "$1: the domain is gone at its end"
}

# at TEXT FILE: prints the offset of the first TEXT in FILE
at() { LC_ALL=C awk -v RS="$1" 'NR == 1 { print length($0) }' "$2"; }

read -r daemon </run/xenconsoled.pid

# A short pause loses nothing.
text=$(head -c 1024 /dev/zero | tr '\0' m)
flood stall "$text"
check 'stall: the flood begins' begins stall
kill -STOP "$daemon"
sleep 8
size=$(wc -c <"$lab_logs/stall.serial.log")
check "stall: the stopped xenconsoled holds it up: $size bytes so far" [ "$size" -lt 4096 ]
kill -CONT "$daemon"
ended stall 120
grep -a '^flood ' "$lab_logs/stall.serial.log" >/tmp/got
check 'stall: all 64 KiB are in the log' cmp /tmp/flood /tmp/got
is "$(tail -n 1 "$lab_logs/stall.serial.log" | tr -d '\r')" '>> RESULT: PASS' 'stall: the verdict is PASS'
check 'stall: the log has the whole command line' grep -qa "^Command line: .*message=\"$text\"" \
    "$lab_logs/stall.serial.log"

# A pause of more than 30 seconds loses bytes: of a guest whose reader continues later (late), of
# one whose reader does not (gone), and of one that does not wait (disconnected).
flood late late
check 'late: the flood begins' begins late
flood gone gone
check 'gone: the flood begins' begins gone
flood disconnected disconnected
check 'disconnected: the flood begins' begins disconnected
xl dmesg -c >/dev/null
kill -STOP "$daemon"
sleep 3
ended gone 80
kill -CONT "$daemon"
check "gone: Xen's log says how much was lost" [ "$(xl dmesg |
    grep -cE '^\(d[0-9]+\) Console: nobody took the last 6[0-9]{4} bytes')" = 1 ]
for name in late disconnected; do
    ended $name 120
    is "$(tail -n 1 "$lab_logs/$name.serial.log" | tr -d '\r')" '>> RESULT: PASS' "$name: the verdict is PASS"
    log=$lab_logs/$name.serial.log
    lost=$(sed -n 's/^Console: \([0-9]*\) bytes are lost here.*/\1/p' "$log" | tr -d '\r')
    check "$name: the log says how much was lost: ${lost:-0} bytes, most of the flood" [ "${lost:-0}" -gt 60000 ]
    # The log holds the flood's beginning; the line about the rest begins with its own line end.
    from=$(at 'flood 0000' "$log")
    to=$(at 'Console: ' "$log")
    is $((to - 2 - from + lost)) "$(wc -c </tmp/flood)" "$name: the bytes that came and the lost ones are the whole flood"
    tail -c +$((from + 1)) "$log" | head -c $((to - 2 - from)) >/tmp/got
    head -c $((to - 2 - from)) /tmp/flood >/tmp/wanted
    check "$name: the bytes that came are the first ones" cmp /tmp/wanted /tmp/got
done
check 'late: the guest goes on' grep -qa '^After the flood' "$lab_logs/late.serial.log"
check 'disconnected: the guest did not wait' grep -qa '^After the flood, which took no time' \
    "$lab_logs/disconnected.serial.log"
done_testing
