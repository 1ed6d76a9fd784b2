#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Faults between a writer and a reader on real Xen: each ends with a reason that names it, and none
# hangs. Three pairs at once also work.
#
#   lab/run tests/scenarios/faults.sh
#
# Writes TAP; exit status 0 if all passed. Needs build/xenolith.elf.
# shellcheck source=tests/lib/pair.sh
. tests/lib/pair.sh

# Three pairs at once; two have the same name.
for i in 1 2 3; do
    case $i in 3) name=other ;; *) name=same ;; esac
    start "three-w$i" "writer name=$name message=pair$i"
    start "three-r$i" "reader name=$name"
done
for i in 1 2 3; do
    check "three pairs: writer $i passes" ends "three-w$i" PASS
    check "three pairs: reader $i passes" ends "three-r$i" PASS
done
messages=$(cat "$lab_logs"/three-r?.serial.log | sed -n 's/.*Reader: message: "\(.*\)".*/\1/p' | sort | tr '\n' ' ')
is "$messages" 'pair1 pair2 pair3 ' 'three pairs: each message is read once'
check 'three pairs: the pair of another name keeps to itself' logged three-r3 'message: "pair3"'
lab_destroy three-w1 three-w2 three-w3 three-r1 three-r2 three-r3

# No domain of this id; nobody of this name.
start nobody-w 'writer peer=9999 wait=5'
start nobody-r 'reader peer=9999 gref=8 wait=5'
start alone-w 'writer name=alone wait=5'
start alone-r 'reader name=alsoalone wait=5'
check 'peer that does not exist: the writer fails' ends nobody-w 'FAIL .waited 5 seconds for domain 9999 to map reference 8'
check 'peer that does not exist: the writer ends the access' logged nobody-w 'access ended'
check 'peer that does not exist: the reader fails' ends nobody-r \
    'FAIL .could not map within 5 seconds: reference 8 of domain 9999: GNTST_bad_domain'
check 'no reader: the writer fails' ends alone-w 'FAIL .waited 5 seconds for a reader named "alone" to claim the offer'
check 'no writer: the reader fails' ends alone-r 'FAIL .waited 5 seconds for a writer named "alsoalone" in domains 0 to'
lab_destroy nobody-w nobody-r alone-w alone-r

# A failed writer is still in the list of domains; the next pair has the same name.
start stale-w 'writer name=stale wait=3'
check 'stale offer: its writer fails' ends stale-w 'FAIL .waited 3 seconds for a reader'
start fresh-w 'writer name=stale'
start fresh-r 'reader name=stale'
check 'stale offer: the next writer passes' ends fresh-w PASS
check 'stale offer: the next reader ignores it' ends fresh-r PASS
lab_destroy stale-w fresh-w fresh-r

# As in cfg/*.cfg, a domain that ends disappears, with its nodes. The writer is paused while the
# reader finishes.
start shipped-w writer "$shipped"
start shipped-r 'reader hold=3' "$shipped"
waits_for shipped-r 'mapped at'
xl pause shipped-w
waits_for shipped-r 'unmapped'
sleep 5
xl unpause shipped-w
check 'late writer: it reads the acknowledgement' ends shipped-w PASS
check 'late writer: its reader waits for that' ends shipped-r PASS
lab_destroy shipped-w shipped-r

# Keys that exclude each other.
start copy-r 'reader peer=1 gref=8 access=copy'
start hold-r 'reader access=copy hold=5'
start count-w 'writer peer=1 rounds=2'
start gref-r 'reader gref=8'
check 'keys: access=copy needs a rendezvous' ends copy-r \
    'FAIL .access=copy with gref=8: expected access=map, or gref=auto'
check 'keys: access=copy excludes hold' ends hold-r 'FAIL .access=copy with hold=5: expected access=map, or hold=auto'
check 'keys: rounds needs a rendezvous' ends count-w 'FAIL .rounds=2 with peer=1: expected rounds=1, or peer=auto'
check 'keys: gref needs a peer' ends gref-r 'FAIL .gref=8 with peer=auto: expected peer=N, or gref=auto'
lab_destroy copy-r hold-r count-w gref-r

start given-w 'writer peer=9999 wait=20'
id=$(xl domid given-w)
start given-r "reader peer=$id gref=8 wait=5"
start never-r "reader peer=$id gref=9 wait=5"
start beyond-r "reader peer=$id gref=100000 wait=5"
check 'reference of another domain: the reader fails' ends given-r \
    "FAIL .could not map within 5 seconds: reference 8 of domain $id: GNTST_general_error"
check 'reference that is not granted: the reader fails' ends never-r \
    "FAIL .could not map within 5 seconds: reference 9 of domain $id: GNTST_general_error"
check 'reference beyond the table: the reader fails' ends beyond-r \
    "FAIL .could not map within 5 seconds: reference 100000 of domain $id: GNTST_bad_gntref"
lab_destroy given-w given-r never-r beyond-r

# One of the two is destroyed while the page is mapped.
start lost-w writer
start lost-r 'reader hold=60'
waits_for lost-r 'mapped at'
id=$(xl domid lost-r)
sleep 1
lab_destroy lost-r
check 'destroyed reader: the writer notices' ends lost-w \
    "FAIL .domain $id went away; we waited for it to read the page"
check 'destroyed reader: the writer ends the access' logged lost-w 'Writer: access ended'
lab_destroy lost-w

start gone-w writer
start gone-r 'reader hold=60'
waits_for gone-r 'mapped at'
id=$(xl domid gone-w)
sleep 1
lab_destroy gone-w
check 'destroyed writer: the reader notices' ends gone-r \
    "FAIL .the writer, domain $id, went away while its page was mapped"
check 'destroyed writer: its page stays readable' logged gone-r 'its page is still mapped and as it was'
check 'destroyed writer: the reader unmaps its page' logged gone-r 'Reader: unmapped'
lab_destroy gone-r
xl list -v | grep -q 'gone-w' && diag 'the writer is still a zombie'

start slow-r 'reader hold=100'
start slow-w 'writer wait=10'
id=$(xl domid slow-r)
check 'reader that never unmaps: the writer fails' ends slow-w \
    "FAIL .grant reference 8 is still in use by domain $id and not handed out again: waited 10 seconds"
check 'reader that never unmaps: the reference stays taken' logged slow-w 'reference 8 stays taken, the next one is 9'
lab_destroy slow-w slow-r

xl dmesg >"$lab_logs/xen.log"
is "$(grep -c 'domain_crash' "$lab_logs/xen.log")" 0 'Xen: its log has no domain crash'
done_testing
