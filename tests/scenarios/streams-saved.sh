#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Streams one end of which the toolstack saves and restores, or destroys, in mid-stream.
#
#   lab/run tests/scenarios/streams-saved.sh [NAME...]
#
#   NAME    that row of the table, or a function below: one-sided, destroyed, late, last or dom0;
#           default: all
#
# Writes TAP; exit status 0 if all passed. Needs build/xenolith.elf and build/dom0 (make peers).
# shellcheck disable=SC2317 # functions are called by their names
# shellcheck source=tests/lib/life.sh
. tests/lib/life.sh

# NAME | what is done, one after the other: s, to the sender, or r, to the receiver | how often they
# meet again | their words
table() {
    cat <<'END'
sender|s:save|1|reconnect=1
receiver|r:save|1|reconnect=1
server-receives|r:save s:save|2|side= reconnect=2 mode=packet
in-place|r:save|1|reconnect=1 mode=in-place ring=20
stays|s:stay r:full|0|
END
}

# pair WORDS: creates both ends, and waits until the stream flows. side= in WORDS: the receiver serves.
pair() {
    case $1 in
    side=*) pair_sender=client pair_receiver=server ;;
    *) pair_sender=server pair_receiver=client ;;
    esac
    create "$name-s" pvh "sender name=$name size=$size wait=120 side=$pair_sender ${1#side=}"
    create "$name-r" pvh "receiver name=$name size=$size wait=120 side=$pair_receiver ${1#side=}"
    check "$name: the ends meet" waits_for "$name-r" 'is connected|client of'
}

# both_know: compares what the ends say of bytes and CRC
both_know() {
    for end in s r; do
        grep -aoE '[0-9]+ bytes, CRC-32C 0x[0-9a-f]+' "$lab_logs/$name-$end.serial.log" | tail -n 1
    done >"$work/crc"
    is "$(sort -u "$work/crc" | grep -c "^$size bytes")" 1 "$name: all bytes arrive, with one CRC"
    is "$(wc -l <"$work/crc")" 2 "$name: both ends say so"
}

# again NAME NUMBER: succeeds if that end has looked for the other one as often
again() { [ "$(count "$1" 'looking for the other end again')" = "$2" ]; }

judge() {
    pair "$words"
    for action in $actions; do
        check "$name: $action: it comes back" "do_${action#*:}" "$name-${action%:*}"
        check "$name: $action: there are bytes left" not_logged "$name-r" 'RESULT'
        case $action in *:save) sleep 3 ;; esac
    done
    for end in s r; do
        check "$name: the verdict of $end is PASS" ends "$name-$end" PASS
        check "$name: $end looked for the other end $often times" again "$name-$end" "$often"
    done
    case $actions in
    s:save) check "$name: the receiver says why" logged "$name-r" 'domain [0-9]+ was suspended; looking' ;;
    r:save) check "$name: the sender says why" logged "$name-s" 'domain [0-9]+ was suspended; looking' ;;
    esac
    diag "$(grep -ah 'looking for the other end again' "$lab_logs/$name"-[sr].serial.log | tr -d '\r')"
    both_know
    lab_destroy "$name-s" "$name-r"
}

# Neither end may meet the other again.
one_sided() {
    name=one-sided
    pair ''
    check "$name: the receiver comes back" do_save "$name-r"
    check "$name: the receiver says why" ends "$name-r" 'FAIL .*this domain was saved in mid-stream'
    check "$name: the sender says why" ends "$name-s" 'FAIL .domain [0-9]+ was suspended'
    lab_destroy "$name-s" "$name-r"
}

# The receiver is destroyed. Another one gets all of the stream.
destroyed() {
    name=destroyed
    pair 'reconnect=1'
    sleep 2
    lab_destroy "$name-r"
    create "$name-r" pvh "receiver name=$name size=$size wait=120 reconnect=1"
    for end in s r; do check "$name: the verdict of $end is PASS" ends "$name-$end" PASS; done
    check "$name: the sender says why" logged "$name-s" 'it is gone.*; looking'
    both_know
    lab_destroy "$name-s" "$name-r"
}

# all_written: creates both ends. The sender has written all. The receiver, which reads byte by byte
# and gets a hundredth of the CPU until hurry, has not read all.
all_written() {
    size=1000000
    create "$name-r" pvh "receiver name=$name size=$size chunk=1 wait=120 reconnect=1"
    waits_for "$name-r" 'looking for a server'
    xl sched-credit2 -d "$name-r" -c 1 || exit 1
    create "$name-s" pvh "sender name=$name size=$size ring=20 wait=120 reconnect=1"
    check "$name: the ends meet" waits_for "$name-s" 'is connected'
    sleep 2
}
hurry() { xl sched-credit2 -d "$name-r" -c 0 || exit 1; }

# The receiver reads the rest while the sender is saved, which so cannot know of it.
late() {
    name=late
    all_written
    xl pause "$name-r"
    check "$name: the sender comes back" do_save "$name-s"
    check "$name: it had written all" logged "$name-s" "$size bytes, CRC"
    check "$name: the receiver had not read all" not_logged "$name-r" "$size bytes, CRC"
    hurry
    xl unpause "$name-r"
    for end in s r; do
        check "$name: the verdict of $end is PASS" ends "$name-$end" PASS
        check "$name: $end looked for the other end once" again "$name-$end" 1
    done
    both_know
    lab_destroy "$name-s" "$name-r"
}

# The receiver has all, and is saved before the sender, which is paused, has seen it.
last() {
    name=last
    all_written
    xl pause "$name-s"
    check "$name: the receiver had not read all" not_logged "$name-r" "$size bytes, CRC"
    hurry
    check "$name: the receiver reads the rest" waits_for "$name-r" "$size bytes, CRC"
    check "$name: the receiver waits" not_logged "$name-r" 'RESULT'
    check "$name: the receiver comes back" do_save "$name-r"
    check "$name: the verdict of the receiver is PASS" ends "$name-r" PASS
    xl unpause "$name-s"
    check "$name: the verdict of the sender is PASS" ends "$name-s" PASS
    check "$name: nobody looked for the other end again" again "$name-s" 0
    both_know
    lab_destroy "$name-s" "$name-r"
}

# The other end is a program on libxenvchan, which knows no more than the vchan.
dom0() {
    name=dom0
    path=/local/domain/0/data/vchan/saved
    create "$name-s" pvh "sender peer=0 node=$path side=client size=$size wait=120"
    /lab/build/dom0/vchan_peer server receive "$(xl domid "$name-s")" "$path" 300 "$size" 1 16384 stream \
        65536 >"$lab_logs/dom0.log" 2>"$lab_logs/dom0.err" &
    program=$!
    check "$name: the ends meet" waits_for "$name-s" 'client of'
    sleep 2
    check "$name: the sender comes back" do_save "$name-s"
    check "$name: the sender says why" ends "$name-s" 'FAIL .domain 0: this end closed the stream, to be suspended'
    status=0
    wait "$program" || status=$?
    is "$status" 1 "$name: dom0's receiver ends by itself"
    check "$name: it sees a close" grep -q 'the other end closed' "$lab_logs/dom0.err"
    diag "$(cat "$lab_logs/dom0.err")"
    lab_destroy "$name-s"
}

[ $# != 0 ] || set -- sender receiver server-receives in-place stays one-sided destroyed dom0 late last
for wanted; do
    size=400000000 # takes about 20 s; a live migration of a guest as busy as this takes longer
    case $wanted in
    one-sided) one_sided ;;
    destroyed | late | last | dom0) "$wanted" ;;
    *)
        line=$(table | grep "^$wanted|") ||
            die 2 "'$wanted': expected a row of tests/scenarios/streams-saved.sh"
        IFS='|' read -r name actions often words <<END
$line
END
        judge
        ;;
    esac
done
done_testing
