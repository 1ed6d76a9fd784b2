#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Other ends of a vchan that do not keep to the protocol, each a line of the table: our guest ends
# with the reason that the line names, and no byte outside of the rings changes.
#
#   lab/run tests/scenarios/vchan-hostile.sh [NAME...]
#
# A line: NAME | DOM0 | ROLE | WORDS | VERDICT
#   NAME      what tests/dom0/vchan_hostile.c does, perhaps with -N behind it; or a function below
#   DOM0      the side that dom0 takes, server or client; ours: another guest of ours is the other
#             end, and is destroyed in mid-stream
#   ROLE      our guest's
#   WORDS     more words of it
#   VERDICT   a regex that its RESULT line must match
# Writes TAP; exit status 0 if all passed. Needs build/xenolith.elf and build/dom0 (make peers).
# shellcheck source=tests/lib/pair.sh
. tests/lib/pair.sh

table() {
    cat <<'END'
prod-beyond|client|receiver||FAIL .domain 0: the other end lies: its producer index went from [0-9]+ to [0-9]+, beyond the ring of 2048 bytes
prod-back|client|receiver||FAIL .domain 0: the other end lies: its producer index went from 1000 to 10, backwards in
cons-beyond|client|sender||FAIL .domain 0: the other end lies: its consumer index went from [0-9]+ to [0-9]+, beyond
cons-back|client|sender||FAIL .domain 0: the other end lies: its consumer index went from 1000 to 1, backwards in
flicker|client|receiver||FAIL .(domain 0: the other end lies: its producer index|byte [0-9]+ of the stream is not)
flicker-2|server|sender||FAIL .domain 0: the other end lies: its consumer index
live-7|client|receiver||FAIL .domain 0: the other end lies: its live flag is 7, expected 0 or 1
live-not-yet|client|receiver||FAIL .domain 0: the other end lies: its live flag is 2, expected 0 or 1
live-toggles|client|receiver||FAIL .domain 0: the other end closed the stream
storm|client|receiver|wait=8|FAIL .domain 0: nothing happened until the deadline
storm-2|server|sender|wait=8|FAIL .domain 0: nothing happened until the deadline
silent|client|receiver|wait=8|FAIL .domain 0: nothing happened until the deadline
unmaps|client|receiver|wait=8|FAIL .domain 0: nothing happened until the deadline
orders-change|client|receiver||FAIL .domain 0: the other end lies: .* beyond the ring of 2048 bytes
dies|client|receiver||FAIL .domain 0: it is gone
dies-2|server|sender||FAIL .domain 0: it is gone
destroyed|ours|receiver||FAIL .domain [0-9]+: it is gone
destroyed-2|ours|sender||FAIL .domain [0-9]+: it is gone
closes|client|receiver||FAIL .domain 0: the other end closed the stream
closes-2|server|sender||FAIL .domain 0: the other end closed the stream
orders-9|server|receiver||FAIL .the left ring's order is 9, expected 10 to 20
orders-21|server|receiver||FAIL .the left ring's order is 21, expected 10 to 20
orders-huge|server|sender||FAIL .the left ring's order is 65535, expected 10 to 20
orders-same|server|receiver||FAIL .both rings have order 10: only one can be in the page
list-over-ring|server|receiver||FAIL .orders 20 and 10: the list of references runs into the ring
no-grants|server|sender||FAIL .reference 0 of domain 0: GNTST_
apart|server|receiver||FAIL .the left ring's indices are 5000 and 0, too far apart for 1024 bytes
closed-before|server|receiver||FAIL .the other end closed the stream
nobody|client|receiver|wait=3|FAIL .waited 3 seconds for domain 0 to connect
no-nodes|server|receiver|wait=3|FAIL .waited 3 seconds for domain 0 to publish
ref-letters|server|receiver||FAIL .*ring-ref: "eight", expected a number
ref-missing|server|receiver|wait=3|FAIL .waited 3 seconds for domain 0 to publish
port-huge|server|receiver||FAIL .*event-channel: "99999999999", expected a number
port-wrong|server|receiver||FAIL .cannot bind to event channel 3999 of domain 0: -
END
}

# publish RING-REF EVENT-CHANNEL: writes these nodes, for the guest to read
publish() {
    [ "$1" = - ] || xenstore-write "$path/ring-ref" "$1"
    xenstore-write "$path/event-channel" "$2"
    for node in ring-ref event-channel; do
        xenstore-chmod "$path/$node" n0 "r$id" 2>/dev/null || :
    done
}

# Another guest of ours, which dom0 destroys in mid-stream.
destroyed_end() {
    case $role in sender) other=receiver ;; *) other=sender ;; esac
    start "$name-other" "$other name=$name size=4294967295"
    waits_for "$name" 'is connected|client of'
    sleep 1
    check "$name: it is in mid-stream" not_logged "$name" 'RESULT'
    lab_destroy "$name-other"
}

# The other end of the line that was read.
other_end() {
    case $name in
    destroyed*) destroyed_end ;;
    nobody | no-nodes) ;;
    ref-letters) publish eight 5 ;;
    ref-missing) publish - 5 ;;
    port-huge) publish 8 99999999999 ;;
    port-wrong) publish 8 3999 ;;
    *)
        /lab/build/dom0/vchan_hostile "$dom0" "$id" "$path" 40 "${name%-2}" \
            >"$lab_logs/$name.out" 2>"$lab_logs/$name.err" &
        program=$!
        ;;
    esac
}

# Each event ends one wait, which takes a few hypercalls: never a loop of them.
# shellcheck disable=SC2317 # check calls it
bounded() {
    counts=$(tr -d '\r' <"$lab_logs/$name.serial.log" |
        sed -n 's/^>> .*: \([0-9]*\) hypercalls, [0-9]* notifications, \([0-9]*\) waits$/\1 \2/p')
    diag "$name: hypercalls and waits: $counts"
    [ -n "$counts" ] && [ "${counts% *}" -le $((4 * ${counts#* } + 100)) ]
}

table >"$work/table"
wanted=" $* "
for one; do
    cut -d '|' -f 1 "$work/table" | grep -qxF "$one" ||
        die 2 "'$one': expected a name of the table in tests/scenarios/vchan-hostile.sh"
done
while IFS='|' read -r name dom0 role words verdict; do
    case $wanted in '  ' | *" $name "*) ;; *) continue ;; esac
    path=data/vchan/$name
    side=server
    if [ "$dom0" = server ]; then
        path=/local/domain/0/$path
        side=client
    fi
    # The guest comes first: xenstored keeps a node from a domain that is younger than the node.
    meet="peer=0 node=$path side=$side ring=11 size=1000000"
    [ "$dom0" != ours ] || meet="name=$name size=4294967295"
    start "$name" "$role $meet $words"
    id=$(xl domid "$name")
    [ "$dom0" = server ] || path=/local/domain/$id/$path
    program=
    other_end
    check "$name: the verdict is $verdict" ends "$name" "$verdict"
    case $name in storm*) check "$name: at most 4 hypercalls for each event" bounded ;; esac
    case $name in
    # The program waits for an end that is never open, or cannot see it.
    orders-[0-9hs]* | list-over-ring | no-grants | apart | closed-before | unmaps)
        kill "$program" || :
        ;;
    dies* | destroyed* | nobody | no-nodes | ref-* | port-*) ;;
    *)
        wait "$program" || :
        is "$(cat "$lab_logs/$name.out" "$lab_logs/$name.err")" untouched \
            "$name: nothing else is touched"
        ;;
    esac
    lab_destroy "$name"
    xenstore-rm "$path" 2>/dev/null || :
done <"$work/table"
done_testing
