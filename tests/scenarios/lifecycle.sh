#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What the toolstack does to a running guest: it tells it to stop, pauses, saves, restores and
# migrates it.
#
#   lab/run tests/scenarios/lifecycle.sh NAME...
#
#   NAME    a set or a row of lifecycle.table or of pairs below, or one of $others; others: all of
#           these
#
# Writes TAP; exit status 0 if all passed. Needs build/xenolith.elf, build/idle.iso, build/dom0 (make
# peers), and for pair-hvm the ISO that tests/scenarios/lifecycle-4.17.t makes.
# shellcheck disable=SC2317 # functions are called by their names
# shellcheck source=tests/lib/life.sh
. tests/lib/life.sh

stops() { grep -vE '^#' tests/scenarios/lifecycle.table | awk -F '|' 'NF == 8'; }
saves() { grep -vE '^#' tests/scenarios/lifecycle.table | awk -F '|' 'NF == 4'; }

# SET | NAME | the writer: pvh or hvm | rounds | what is done in mid-rounds: w, the writer, or r, the
# reader, and what, one after the other | how often each of them meets the other again: the writer,
# the reader
pairs() {
    cat <<'END'
pair|pair-writer|pvh|2000|w:save|1 1
pair|pair-reader|pvh|2000|r:save|1 1
pair|pair-in-place|pvh|3000|w:stay r:full|0 0
pairs|pair-both|pvh|6000|w:save r:migrate w:migrate r:save|4 4
pair-hvm|pair-hvm|hvm|6000|w:save w:migrate|2 2
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

judge_save() {
    settings=${kind#* }
    [ "$settings" != "$kind" ] || settings=
    create "$name" "${kind%% *}" idle ${settings:+"$settings"}
    check "$name: it is up" waits_for "$name" 'Idle: until'
    done=0 restored=0
    for action in $actions; do
        done=$((done + 1))
        check "$name: $done, $action: it comes back" "do_$action" "$name"
        case $action in
        pause) continue ;;
        save | migrate) restored=$((restored + 1)) ;;
        esac
        error=$(wall_error "$name")
        diag "$name: $done, $action: $(grep -a '^>> Resumed' "$lab_logs/$name.serial.log" | tail -n 1 |
            tr -d '\r'); its wall clock is $error ms off"
        check "$name: $done, $action: its wall clock is right" [ "$error" -le 1000 ]
    done
    for feature in poweroff reboot suspend; do
        is "$(xenstore-read "$(control "$name" "feature-$feature")")" 1 "$name: it announces $feature"
    done
    sleep 3
    tell "$name" 'xl shutdown'
    is "$(lab_wait_end "$name" 120)" poweroff "$name: it still obeys"
    check "$name: the verdict is PASS" ends "$name" PASS
    suspends=$(count "$name" '^>> Resumed: ')
    is "$(count "$name" '^Toolstack: suspending')" "$suspends" "$name: no line is lost"
    check "$name: it counts $suspends suspends, $restored restores" logged "$name" \
        "Idle: [0-9]+ checks of the clocks, $suspends suspends, $restored of them restored"
    case $settings in
    vcpus=*)
        check "$name: its vCPUs were there to the end" logged "$name" \
            "^Idle: each of ${settings#vcpus=} vCPUs was checked"
        ;;
    esac
    diag "$(grep -a 'Idle: ' "$lab_logs/$name.serial.log" | tail -n 2 | tr -d '\r')"
    lab_destroy "$name"
}

# met NAME NUMBER: succeeds if the guest has met the other one again as often
met() { counted "$1" '^>> (Writer|Reader): met domain' "$2"; }

judge_pair() {
    case $kind in
    pvh) create "$name-w" pvh "writer rounds=$rounds name=$name wait=300" ;;
    hvm) create "$name-w" hvm "tests/lifecycle/$rounds-rounds" ;;
    esac
    create "$name-r" pvh "reader name=$name wait=300"
    lab_within 120 1 logged "$name-r" 'unmapped'
    check "$name: the rounds begin" logged "$name-r" 'unmapped'
    met=0
    for action in $actions; do
        check "$name: $action: it comes back" "do_${action#*:}" "$name-${action%:*}"
        case $action in
        *save | *migrate)
            met=$((met + 1))
            check "$name: $action: the writer meets the reader again" lab_within 120 1 met "$name-w" $met
            check "$name: $action: the reader meets the writer again" lab_within 120 1 met "$name-r" $met
            ;;
        esac
        check "$name: $action: there are rounds left" not_logged "$name-w" 'Rounds: '
    done
    diag "$(grep -a 'met domain' "$lab_logs/$name-w.serial.log" | tr -d '\r')"
    check "$name: the writer ends in PASS" ends "$name-w" PASS
    check "$name: the reader ends in PASS" ends "$name-r" PASS
    is "$(count "$name-w" 'met domain') $(count "$name-r" 'met domain')" "$often" \
        "$name: they meet again as often as one is saved"
    is "$(count "$name-w" 'after 0 rounds')" 0 "$name: each time in mid-rounds"
    check "$name: the reader has read each of them" logged "$name-r" "^Rounds: $rounds, "
    lab_destroy "$name-w" "$name-r"
}

# Two halves of a test, in two runs of the lab: a guest is saved here, into the log folder, and
# restored on another Xen, whose time began later.
send() {
    for kind in pvh hvm; do
        create "sent-$kind" "$kind" idle
        check "send: $kind: it is up" waits_for "sent-$kind" 'Idle: until'
    done
    sleep 60
    for kind in pvh hvm; do
        check "send: $kind: it is saved" run "sent-$kind" xl save "sent-$kind" "$lab_logs/sent-$kind.save"
    done
}
receive() {
    # The saved configuration names the ISO where the other dom0 had it.
    iso=$(sed -n "s/^disk = .*target=\(.*\)']$/\1/p" /lab/build/lab/logs/lifecycle-send/sent-hvm.cfg | tail -n 1)
    mkdir -p "${iso%/*}"
    cp /lab/build/idle.iso "$iso"
    for kind in pvh hvm; do
        from=/lab/build/lab/logs/lifecycle-send/sent-$kind
        log=$lab_logs/sent-$kind.serial.log
        ln -sf "$log" "/var/log/xen/console/guest-sent-$kind.log"
        mkfifo "/tmp/sent-$kind.in" "/tmp/sent-$kind.out"
        cat <>"/tmp/sent-$kind.out" >>"$log" &
        touch "$log"
        do_resumed=0
        check "receive: $kind: it is restored" run "sent-$kind" xl restore "$from.save"
        check "receive: $kind: it comes back" is_back "sent-$kind" "as domain $(xl domid "sent-$kind"), "
        error=$(wall_error "sent-$kind")
        diag "receive: $kind: $(grep -a 'Resumed' "$log" | tr -d '\r'); its wall clock is $error ms off"
        check "receive: $kind: its wall clock is right" [ "$error" -le 1000 ]
        sleep 3
        tell "sent-$kind" 'xl shutdown'
        is "$(lab_wait_end "sent-$kind" 120)" poweroff "receive: $kind: it still obeys"
        check "receive: $kind: the verdict is PASS" ends "sent-$kind" PASS
        diag "$(grep -a 'Idle: ' "$log" | tr -d '\r')"
    done
}

# A guest with more grant references than can be kept refuses: the toolstack gives up after 60 s.
# Needs a Xen that allows that many.
refused() {
    create refused pvh 'writer peer=0 grants=33000 wait=600' max_grant_frames=128
    check 'refused: the pages are granted' waits_for refused '33000 references in all'
    check 'refused: xl save fails' sh -c '! xl save refused /tmp/refused.save' 2>/dev/null
    check 'refused: the guest says why' logged refused \
        'Toolstack: cannot suspend: grant reference 32768 is in use, expected none above 32767'
    is "$(lab_state refused)" running 'refused: it goes on'
    tell refused 'xl shutdown'
    is "$(lab_wait_end refused 120)" poweroff 'refused: it still obeys'
    lab_destroy refused
}

# Both are saved before one of them is back.
together() {
    create together-w pvh 'writer rounds=2000 name=together wait=300'
    create together-r pvh 'reader name=together wait=300'
    check 'together: the rounds begin' waits_for together-r 'unmapped'
    for guest in together-r together-w; do
        check "together: $guest is saved" run "$guest" xl save "$guest" "/tmp/$guest.save"
    done
    for guest in together-r together-w; do
        check "together: $guest is restored" run "$guest" xl restore "/tmp/$guest.save"
        rm "/tmp/$guest.save"
    done
    check 'together: the writer ends in PASS' ends together-w PASS
    check 'together: the reader ends in PASS' ends together-r PASS
    check 'together: the two met again' met together-w 1
    check 'together: there were rounds left' not_logged together-w 'met domain .* after (0|2000) rounds'
    lab_destroy together-w together-r
}

# What ends in FAIL: the peer never comes back; the reader knows the writer by its domain id only.
never() {
    create never-w pvh 'writer rounds=1000000 name=never wait=10'
    create never-r pvh 'reader name=never wait=10'
    check 'never: the rounds begin' waits_for never-r 'unmapped'
    id=$(xl domid never-w)
    check 'never: the writer is saved' run never-w xl save never-w /tmp/never.save
    check 'never: the reader says that it did not come back' ends never-r \
        'FAIL .the peer was suspended, and the two did not meet again: waited 10 seconds for a writer named "never@'
    check 'never: the writer is restored all the same' run never-w xl restore /tmp/never.save
    rm /tmp/never.save
    check 'never: the writer says that they did not meet again' ends never-w \
        'FAIL .this domain was suspended, and the two did not meet again: waited 10 seconds for a reader named "never@'
    lab_destroy never-w never-r

    create known-w pvh 'writer rounds=1000000 name=known wait=10'
    id=$(xl domid known-w)
    create known-r pvh "reader name=known peer=$id wait=10"
    check 'known: the rounds begin' waits_for known-r 'unmapped'
    check 'known: the writer is restored' do_save known-w
    check 'known: the reader says why it cannot find it' ends known-r \
        "FAIL .domain $id was suspended: with peer=$id we cannot find it again"
    check 'known: the writer says that they did not meet again' ends known-w \
        'FAIL .this domain was suspended, and the two did not meet again'
    lab_destroy known-w known-r
}

# A reader, and a writer, that is saved while the reader has the page mapped.
held() {
    create held-w pvh 'writer name=held wait=300'
    create held-r pvh 'reader name=held hold=15 wait=300'
    check 'held: the page is mapped' waits_for held-r 'mapped at'
    check 'held: the reader is restored' do_save held-r
    check 'held: the reader maps the page again' ends held-r PASS
    check 'held: the writer ends in PASS' ends held-w PASS
    check 'held: it takes no page for read that was not' logged held-w 'met domain .* after 0 rounds'
    lab_destroy held-w held-r
    create lent-w pvh 'writer name=lent wait=300'
    create lent-r pvh 'reader name=lent hold=20 wait=300'
    check 'lent: the page is mapped' waits_for lent-r 'mapped at'
    check 'lent: the writer is restored' do_save lent-w
    check 'lent: the reader maps the page again' ends lent-r PASS
    check 'lent: the writer, whose page was mapped, ends in PASS' ends lent-w PASS
    check 'lent: it was mapped' logged lent-w 'met domain .* after 0 rounds'
    lab_destroy lent-w lent-r
}

# A sleep that a save cuts short goes on where it was: it takes 40 seconds, and the time away.
sleeps() {
    create sleeps pvh 'writer peer=9999 wait=40'
    check 'sleeps: the guest sleeps' waits_for sleeps 'grant reference 8'
    began=$(date +%s)
    sleep 12
    saved=$(date +%s)
    check 'sleeps: it is restored' do_save sleeps 10
    restored=$(date +%s)
    away=$(sed -n 's/^>> Resumed: .*away for \([0-9]*\)\..*/\1/p' "$lab_logs/sleeps.serial.log")
    diag "sleeps: away for $away s, of $((restored - saved)) s for a save and a restore"
    check 'sleeps: it says that it was away' [ "${away:=0}" -ge 10 ]
    check 'sleeps: for no longer than it was' [ "$away" -le $((restored - saved)) ]
    check 'sleeps: it ends as if nothing had happened' ends sleeps \
        'FAIL .waited 40 seconds for domain 9999 to map reference 8'
    slept=$(($(date +%s) - began - away))
    diag "sleeps: for $slept s, and the time away"
    check 'sleeps: it sleeps for what was left' [ "$slept" -ge 35 ]
    check 'sleeps: it sleeps for no longer' [ "$slept" -le 50 ]
    lab_destroy sleeps
}

# A page that was granted before the save is granted after it.
grant() {
    create grant pvh 'writer peer=0 wait=300'
    check 'grant: the page is granted' waits_for grant 'grant reference 8'
    check 'grant: it is restored' do_save grant
    check 'grant: dom0 maps the page by the reference of before' \
        [ "$(/lab/build/dom0/peer_reader "$(xl domid grant)" 8 2)" = 'message: "Hello from one guest to another, through a granted page!"' ]
    check 'grant: the writer notices' ends grant PASS
    lab_destroy grant
}

# A writer, and a reader, that is saved while it waits for the other one.
waiting() {
    create waiting-w pvh 'writer name=w wait=300'
    check 'waiting writer: it offers' waits_for waiting-w 'waiting for a reader'
    check 'waiting writer: it is restored' do_save waiting-w
    create waiting-r pvh 'reader name=w wait=300'
    check 'waiting writer: it meets a reader' ends waiting-w PASS
    check 'waiting writer: the reader meets it' ends waiting-r PASS
    lab_destroy waiting-w waiting-r
    create seeking-r pvh 'reader name=s wait=300'
    check 'waiting reader: it looks for a writer' waits_for seeking-r 'looking for'
    check 'waiting reader: it is restored' do_save seeking-r
    create seeking-w pvh 'writer name=s wait=300'
    check 'waiting reader: the writer meets it' ends seeking-w PASS
    check 'waiting reader: it meets a writer' ends seeking-r PASS
    lab_destroy seeking-r seeking-w
}

# A pair of 1000000 rounds, whose writer is told to stop, after a suspend that it came back from.
rounds() {
    create rounds-w pvh 'writer rounds=1000000'
    create rounds-r pvh reader
    check 'rounds: the pair begins' waits_for rounds-r 'unmapped'
    check 'rounds: the writer goes on in place' do_stay rounds-w
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
    end=$(($(date +%s) + 5))
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
    create lost pvh 'writer peer=0 wait=10'
    check 'lost: the guest is up' waits_for lost 'grant reference'
    /lab/build/dom0/peer_store "$(xl domid lost)" error 3
    check 'lost: the role goes on to its own end' ends lost \
        'FAIL .waited 10 seconds for domain 0 to map reference 8'
    is "$(grep -c 'Toolstack: control/shutdown is watched no longer: xenstored ended the connection' \
        "$lab_logs/lost.serial.log")" 1 'lost: it is said once'
    lab_destroy lost
}

others='rounds hostile lost sleeps grant waiting together never held'
wanted=" $* "
{ stops; saves; pairs; } >"$work/table"
case $1 in
send | receive | refused)
    "$1"
    done_testing
    ;;
esac
for name; do
    # shellcheck disable=SC2086 # several names
    { cut -d '|' -f 1,2 "$work/table" | tr '|' '\n'; printf '%s\n' others $others; } | grep -qxF "$name" ||
        die 2 "'$name': expected a set or a row of tests/scenarios/lifecycle.table or lifecycle.sh"
done
while IFS='|' read -r set name kind actions; do
    case $wanted in *" $set "* | *" $name "*) judge_save ;; esac
done <<END
$(saves)
END
while IFS='|' read -r set name kind rounds actions often; do
    case $wanted in *" $set "* | *" $name "*) judge_pair ;; esac
done <<END
$(pairs)
END
while IFS='|' read -r set name kind words before command end verdict; do
    case $wanted in *" $set "* | *" $name "*) judge_stop ;; esac
done <<END
$(stops)
END
for name in $others; do
    case $wanted in *" $name "* | *' others '*) $name ;; esac
done
done_testing
