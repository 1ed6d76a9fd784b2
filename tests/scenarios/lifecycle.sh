#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What the toolstack does to a running guest: it is told to stop.
#
#   lab/run tests/scenarios/lifecycle.sh NAME...
#
#   NAME    a set or a row of the table below, or one of $others
#
# Writes TAP; exit status 0 if all passed. Needs build/xenolith.elf, build/idle.iso and build/dom0
# (make peers).
# shellcheck disable=SC2317 # functions are called by their names
# shellcheck source=tests/lib/life.sh
. tests/lib/life.sh

# SET | NAME | pvh, or hvm from build/idle.iso | the words after role= | what it logs before it is
# told | command for xl, or value of control/shutdown | how it ends | a regex for its verdict
stops() {
    cat <<'END'
stop|idle-poweroff|pvh|idle|Idle: until|xl shutdown|poweroff|PASS
stop|idle-reboot|pvh|idle|Idle: until|xl reboot|reboot|PASS
stop|idle-halt|pvh|idle|Idle: until|halt|poweroff|PASS
stop|idle-crash|pvh|idle|Idle: until|crash|crash|FAIL .the toolstack told this domain to crash
stop|halting|pvh|idle exit=halt|Idle: until|xl shutdown|poweroff|PASS
stop|selftest|pvh|selftest|TAP version|xl shutdown|poweroff|SKIP .the toolstack told this domain to power off
stop|writer|pvh|writer|waiting for a reader|xl shutdown|poweroff|SKIP .the toolstack told this domain to power off
stop|known-peer|pvh|writer peer=0|grant reference|xl reboot|reboot|SKIP .the toolstack told this domain to reboot
stop|reader|pvh|reader|looking for a writer|xl shutdown|poweroff|SKIP .the toolstack told this domain to power off
stop-hvm|hvm-poweroff|hvm|idle|Idle: until|xl shutdown|poweroff|PASS
stop-hvm|hvm-reboot|hvm|idle|Idle: until|xl reboot|reboot|PASS
END
}

# tell NAME COMMAND: asks the domain to stop.
tell() {
    case $2 in
    xl*) $2 "$1" >/dev/null ;;
    *) xenstore-write "$(control "$1")" "$2" ;;
    esac
}

judge_stop() {
    create "$name" "$kind" "$words"
    check "$name: it logs '$before'" waits_for "$name" "$before"
    tell "$name" "$command"
    is "$(lab_wait_end "$name" 120)" "$end" "$name: '$command' ends it with reason $end"
    check "$name: the verdict is $verdict" ends "$name" "$verdict"
    is "$(xenstore-read "$(control "$name")")" '' "$name: it acknowledges"
    lab_destroy "$name"
}

# A pair of 1000000 rounds, whose writer is told to stop.
rounds() {
    start rounds-w 'writer rounds=1000000'
    start rounds-r reader
    check 'rounds: the pair begins' waits_for rounds-r 'unmapped'
    tell rounds-w 'xl shutdown'
    is "$(lab_wait_end rounds-w 120)" poweroff 'rounds: the writer powers off'
    check 'rounds: the writer says why' ends rounds-w 'SKIP .the toolstack told this domain to power off'
    check 'rounds: the reader says that the writer is gone' ends rounds-r \
        'FAIL .domain [0-9]* went away'
    lab_destroy rounds-w rounds-r
}

# Values that are no commands; then one that is.
hostile() {
    create hostile pvh idle
    check 'hostile: the guest is up' waits_for hostile 'Idle: until'
    node=$(control hostile)
    for value in powerof 'power
off' "$(printf '%02000d' 0)" 'poweroff ' SUSPEND; do
        xenstore-write "$node" "$value"
        sleep 1
    done
    check 'hostile: the first one is quoted' logged hostile \
        'Toolstack: control/shutdown: "powerof"; expected poweroff, halt, reboot'
    end=$(($(date +%s) + 10))
    while [ "$(date +%s)" -lt "$end" ]; do
        xenstore-write "$node" reset
        xenstore-rm "$node"
        xenstore-write "$node" "$(printf '%02000d' 0)"
    done
    is "$(xenstore-read "$node" | wc -c)" 2001 'hostile: what is no command is left there'
    is "$(lab_state hostile)" running 'hostile: the role goes on'
    is "$(grep -c 'Toolstack: control/shutdown: ' "$lab_logs/hostile.serial.log")" 1 \
        'hostile: it is said once'
    # The guest may no longer write a node that dom0 has made anew.
    xenstore-chmod "$node" "n0" "b$(xl domid hostile)"
    tell hostile 'xl shutdown'
    is "$(lab_wait_end hostile 120)" poweroff 'hostile: then a command is obeyed'
    check 'hostile: the verdict is PASS' ends hostile PASS
    lab_destroy hostile
}

# xenstored gives up the connection: peer_store pretends that, in the ring.
lost() {
    create lost pvh 'writer peer=0 wait=20'
    check 'lost: the guest is up' waits_for lost 'grant reference'
    /lab/build/dom0/peer_store "$(xl domid lost)" error 3
    check 'lost: the role goes on to its own end' ends lost \
        'FAIL .waited 20 seconds for domain 0 to map reference 8'
    is "$(grep -c 'Toolstack: control/shutdown is watched no longer: xenstored ended the connection' \
        "$lab_logs/lost.serial.log")" 1 'lost: it is said once'
    lab_destroy lost
}

others='rounds hostile lost'
wanted=" $* "
stops >"$work/table"
for name; do
    # shellcheck disable=SC2086 # several names
    { cut -d '|' -f 1,2 "$work/table" | tr '|' '\n'; printf '%s\n' $others; } | grep -qxF "$name" ||
        die 2 "'$name': expected a set or a row of tests/scenarios/lifecycle.sh"
done
while IFS='|' read -r set name kind words before command end verdict; do
    case $wanted in *" $set "* | *" $name "*) judge_stop ;; esac
done <"$work/table"
for name in $others; do
    case $wanted in *" $name "*) $name ;; esac
done
done_testing
