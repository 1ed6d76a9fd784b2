#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Our guests and other people's code, on real Xen: dom0 reads and writes pages through Xen's own
# library (tests/dom0), and our xenstore nodes through Xen's tools. It also makes hostile pages and
# nodes.
#
#   lab/run tests/scenarios/peers.sh
#
# Writes TAP; exit status 0 if all passed. Needs build/xenolith.elf and build/dom0 (make peers).
# shellcheck source=tests/lib/pair.sh
. tests/lib/pair.sh

peer=/lab/build/dom0

domid() { xl domid "$1"; }

start w1 'writer peer=0 message="hello dom0"'
waits_for w1 'grant reference'
ref=$(sed -n 's/.*grant reference \([0-9]*\).*/\1/p' "$lab_logs/w1.serial.log" | tr -d '\r')
is "$ref" 8 'writer for dom0: its first reference is 8'
is "$($peer/peer_reader "$(domid w1)" "$ref" 2>&1)" 'message: "hello dom0"' \
    'writer for dom0: dom0 reads its message'
check 'writer for dom0: it passes' ends w1 PASS
check 'writer for dom0: it sees dom0 unmap' logged w1 'reader unmapped'
lab_destroy w1

# dom0 maps 600 references, gives the first one back, a second later 512 more, and keeps 87.
start many 'writer peer=0 grants=600 wait=40'
waits_for many '600 references in all'
$peer/peer_reader "$(domid many)" 8 2 600 87 >"$lab_logs/many.out" 2>&1 &
reader=$!
check '600 references: the writer fails over those still in use' ends many \
    'FAIL .grant reference 521 is still in use by domain 0 and not handed out again'
check '600 references: the writer counts those still in use' logged many '87 of 600 references are still in use'
check '600 references: none still in use is handed out again' logged many 'reference 521 stays taken, the next one is 8.?$'
check '600 references: the writer does not report the access as ended' not_logged many 'access ended'
is "$(cat "$lab_logs/many.out")" "$(printf 'mapped 600\nkept 87')" '600 references: dom0 kept 87'
kill $reader
wait $reader 2>/dev/null || :
last_id=$(domid many)
lab_destroy many

# dom0_writer NAME MESSAGE VERDICT [WRONG]: dom0 shares, our reader reads
dom0_writer() {
    id=$(($(last_domid) + 1))
    [ "$id" -gt "${last_id:-0}" ] || id=$((last_id + 1))
    last_id=$id
    rm -f /tmp/ref
    $peer/peer_writer "$id" 120 "$2" ${4:+"$4"} >/tmp/ref &
    writer=$!
    lab_within 60 0.5 test -s /tmp/ref
    start "$1" "reader peer=0 gref=$(cat /tmp/ref)"
    is "$(domid "$1")" "$id" "$1: its domain id is the one that dom0 shares with"
    check "$1: the verdict is $3" ends "$1" "$3"
    lab_destroy "$1"
    kill $writer
    wait $writer 2>/dev/null || :
}
dom0_writer plain 'hello guest' PASS
check 'plain: the reader logs the message' logged plain 'message: "hello guest"'
dom0_writer escapes "$(printf 'a\n>> RESULT: FAIL (forged)\033[31m')" PASS
check 'escapes: control bytes cannot forge a line' logged escapes 'a\\x0a>> RESULT: FAIL \(forged\)\\x1b\[31m'
dom0_writer magic x "FAIL .the page's magic is 0x6f6e6559, expected 0x6f6e6558" magic
dom0_writer version x "FAIL .the page's format version is 2, expected 1" version
dom0_writer length x "FAIL .the page's message has 4065 bytes, expected at most 4064" length
dom0_writer crc x "FAIL .the page's CRC is 0x" crc
dom0_writer sequence x "FAIL .the page's sequence is 0 of 1" sequence
dom0_writer count x "FAIL .the page's count of rounds is 1000001, expected from 1 to 1000000" count

# Xen's tools on our nodes.
start w2 writer
nodes=/local/domain/$(domid w2)/data/xenolith/default
lab_within 60 0.5 xenstore-read "$nodes/reader"
is "$(xenstore-ls -p "$nodes" | tr -d ' .')" "reader=\"\"(b$(domid w2))" \
    'offer: xenstore-ls shows it'
# Any domain may claim; bad claims must not keep the right reader from claiming.
xenstore-write "$nodes/reader" letters
waits_for w2 'bad claim 1'
check 'offer: the writer names a claim of letters' logged w2 'bad claim 1: .*"letters", expected a number'
xenstore-write "$nodes/reader" 0
waits_for w2 'bad claim 2'
check 'offer: the writer names a claim for another domain' logged w2 'bad claim 2: .*(ENOENT|EACCES)'
start r2 reader
check 'offer: the writer still meets its reader' ends w2 PASS
check 'offer: the reader still meets its writer' ends r2 PASS
lab_destroy w2 r2

# dom0 makes bad claims and removes the offer, again and again, before and while a reader comes. It
# may keep the pair apart for as long as it goes on, so it stops well before their waits run out.
start flood-w 'writer name=flood'
nodes=/local/domain/$(domid flood-w)/data/xenolith/flood
lab_within 60 0.5 xenstore-read "$nodes/reader"
touch /tmp/flood
while [ -e /tmp/flood ]; do
    xenstore-write "$nodes/reader" letters
    xenstore-rm "$nodes/reader"
    xenstore-write "$nodes/reader" 1
done >/dev/null 2>&1 &
flood=$!
check 'flood of claims: the writer sees 32' waits_for flood-w 'bad claim 32:'
start flood-r 'reader name=flood'
sleep 10
rm /tmp/flood
wait $flood
check 'flood of claims: the writer still meets its reader' ends flood-w PASS
check 'flood of claims: the reader still meets its writer' ends flood-r PASS
is "$([ "$(grep -c 'bad claim' "$lab_logs/flood-w.serial.log")" -le 20 ] && echo few)" few \
    'flood of claims: it does not fill the log'
lab_destroy flood-w flood-r

# xenstored gives up the connection: peer_store pretends that, in the ring.
start lost1 'writer name=lost'
waits_for lost1 'waiting for a reader'
check 'xenstored ends a connection: dom0 reaches the ring' \
    $peer/peer_store "$(domid lost1)" error 3
check 'xenstored ends a connection: the writer names its error' ends lost1 \
    'FAIL .xenstored ended the connection: error 3 .protocol violation'
start lost2 'reader name=lost'
waits_for lost2 'looking for a writer'
check 'xenstored loses a connection: dom0 reaches the ring' \
    $peer/peer_store "$(domid lost2)" connection 1
check 'xenstored loses a connection: the reader names the state' ends lost2 \
    'FAIL .the connection to xenstored is lost: its state is 1, expected 0'
lab_destroy lost1 lost2

# claimed NAME: whether the reader has claimed the offer
# shellcheck disable=SC2317
claimed() { [ -n "$(xenstore-read "$nodes/$1/reader")" ]; }

# hostile NAME VERDICT COMMAND...: runs a reader whose writer is dom0's shell. COMMAND, with the
# path of the nodes as its last argument, publishes.
nodes=/local/domain/0/data/xenolith
hostile() {
    name=$1 verdict=$2
    shift 2
    xenstore-write "$nodes/$name/reader" ''
    xenstore-chmod "$nodes/$name/reader" b0
    start "$name" "reader name=$name wait=40"
    reader=$(domid "$name")
    lab_within 60 0.5 claimed "$name"
    is "$(xenstore-read "$nodes/$name/reader")" "$reader" "$name: the reader claims the offer"
    "$@" "$nodes/$name"
    check "$name: the verdict is $verdict" ends "$name" "$verdict"
    lab_destroy "$name"
    xenstore-rm "$nodes/$name"
}
# shellcheck disable=SC2317
# publish REF PORT NODES
publish() {
    xenstore-write -- "$3/ring-ref" "$1" # it may begin with -
    xenstore-chmod "$3/ring-ref" n0 "r$reader"
    xenstore-write "$3/event-channel" "$2"
    xenstore-chmod "$3/event-channel" n0 "r$reader"
}
# shellcheck disable=SC2317
# session NAME NODES
session() {
    xenstore-write "$2/session" "$1"
    xenstore-chmod "$2/session" n0 "r$reader"
    publish 8 5 "$2"
}
# shellcheck disable=SC2317
denied() {
    xenstore-write "$1/ring-ref" 8 "$1/event-channel" 5
    xenstore-chmod "$1/ring-ref" n0
    xenstore-chmod "$1/event-channel" n0
}
hostile minus 'FAIL .*ring-ref: "-1", expected a number' publish -1 5
hostile letters 'FAIL .*ring-ref: "eight", expected a number' publish eight 5
hostile large 'FAIL .*ring-ref: "9+\.\.\.", expected a number' \
    publish "$(printf '%02000d' 0 | tr 0 9)" 5
hostile port 'FAIL .*event-channel: "five", expected a number' publish 8 five
hostile noport 'FAIL .cannot bind to event channel 3999 of domain 0: -' publish 8 3999
hostile session-slash "FAIL .the name of domain 0's session has a 0x2f in it" session a/b
hostile session-long 'FAIL .*session: 2000 bytes, expected at most 51' \
    session "$(printf '%02000d' 0)"
hostile chmod 'FAIL .waited 40 seconds for domain 0 to grant a page: .*EACCES' denied

# A writer that goes on after two rounds: dom0 shares the page and notifies.
# shellcheck disable=SC2317
rounds() {
    "$peer"/peer_writer "$reader" 120 x rounds >/tmp/rounds &
    writer=$!
    lab_within 60 0.5 test -s /tmp/rounds
    read -r ref port </tmp/rounds
    publish "$ref" "$port" "$1"
}
hostile rounds "FAIL .the page's sequence is 2 of 3, expected 2 of 2" rounds
kill "$writer"
wait "$writer" 2>/dev/null || :
done_testing
