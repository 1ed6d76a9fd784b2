#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The scenario of lab/boot: creates one guest, copies its console to stdout as it comes, and judges
# how it ended.
#
# usage: lab/boot.sh NAME CFG SECONDS SCREEN UNTIL [SETTING...]
#   SECONDS   the guest's time
#   SCREEN    y: keeps pictures of its screen
#   UNTIL     a regex: the guest is done when a line matches; empty: when it powers itself off
#   SETTING   as lab_create takes it
. lab/lib.sh

name=$1 cfg=$2 seconds=$3 screen=$4 until=$5
shift 5
log=$lab_logs/$name.serial.log
hvm=$(grep -c '^type = "hvm"' "$cfg")

lab_create "$name" "$cfg" "$@" || exit 4
deadline=$(($(date +%s) + seconds))
shown=0

# Prints what has come since the last time.
show() {
    size=$(stat -c %s "$log")
    [ "$size" -gt "$shown" ] || return 0
    tail -c +$((shown + 1)) "$log" | head -c $((size - shown))
    shown=$size
}

# matched: prints the line of the console, or of the screen, that matches.
matched() {
    [ -n "$until" ] || return 1
    if lab_plain <"$log" | grep -aEm 1 -e "$until"; then return 0; fi
    [ "$hvm" = 1 ] && [ $((turn % 4)) = 0 ] && lab_screen_text "$name" | grep -aEm 1 -e "$until"
}

# ended STATUS WORDS...: the last line, the pictures, the end.
ended() {
    status=$1
    shift
    show
    if [ "$screen" = y ]; then
        lab_screen "$name" || :
        lab_screen_text "$name" >"$lab_logs/$name.screen.txt"
    fi
    lab_destroy "$name"
    lab_say "$name: $*"
    exit "$status"
}

turn=0
while :; do
    turn=$((turn + 1))
    # The state comes first: the console of a guest that has ended is then complete.
    now=running
    [ $((turn % 3)) != 0 ] || now=$(lab_state "$name")
    [ "$now" = running ] || sleep 1 # xenconsoled may still be writing
    show
    if line=$(matched); then
        ended 0 "this line matches: $line"
    fi
    case $now in
    running | dying) ;;
    poweroff)
        [ -n "$until" ] || ended 0 "the guest has powered itself off"
        ended 1 "the guest has powered itself off, and no line matched '$until'"
        ;;
    reboot) ended 1 "the guest ended in a reboot: its own, or a triple fault" ;;
    *) ended 1 "the guest ended: $now" ;;
    esac
    [ "$(date +%s)" -lt $deadline ] || break
    sleep 1
done
[ -n "$until" ] || ended 124 "the guest's time of $seconds s is up, and it is still running"
ended 124 "the guest's time of $seconds s is up, and no line matched '$until'"
