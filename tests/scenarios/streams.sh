#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Streams through vchans on real Xen, one line of the table each: between two of our guests, and
# between a guest and a program in dom0 that uses Xen's own libxenvchan (tests/dom0/vchan_peer.c).
#
#   lab/run tests/scenarios/streams.sh [big=BYTES] [SET|NAME...]
#
#   BYTES   of the streams of the set hours: 1 GiB without it
#   SET     first (the default), everywhere, hvm, together (all at once), hours
#   NAME    that stream alone
#
# A line: SET | NAME | SENDER | RECEIVER | SERVER | WORDS
#   SENDER, RECEIVER   ours, a PVH guest; hvm, from the ISO that streams-4.17.t makes; or dom0
#   SERVER             sender or receiver
#   WORDS              keys of both ends
# Writes TAP; exit status 0 if all passed. Needs build/xenolith.elf and build/dom0 (make peers).
# shellcheck source=tests/lib/pair.sh
. tests/lib/pair.sh

big=1073741824
case ${1-} in big=*)
    big=${1#big=}
    shift
    ;;
esac

table() {
    cat <<END
first|ours|ours|ours|sender|size=67108864
hvm|hvm|hvm|hvm|sender|size=67108864
everywhere|both|ours|ours|receiver|size=6000000 mode=packet
everywhere|to-dom0|ours|dom0|sender|size=6000000
everywhere|from-dom0|dom0|ours|receiver|size=6000000 mode=in-place
first|ours-back|ours|ours|receiver|size=300000 ring=10 mode=packet chunk=1024 seed=7
first|to-dom0-server|ours|dom0|receiver|size=16777259 ring=14
first|to-dom0-client|ours|dom0|sender|size=67108879 ring=16 mode=in-place chunk=65536
first|from-dom0-server|dom0|ours|sender|size=1000003 ring=11 mode=packet chunk=2048
first|from-dom0-client|dom0|ours|receiver|size=67108879 ring=20 mode=in-place chunk=16384
first|again|ours|ours|receiver|size=5000 rounds=5
first|connects|ours|dom0|sender|size=100 rounds=1000
first|connects-back|dom0|ours|sender|size=100 rounds=1000
together|three-1|ours|dom0|receiver|size=400000000
together|three-2|dom0|ours|receiver|size=200000000 mode=packet chunk=65536
together|three-3|ours|dom0|sender|size=20000000 ring=12 mode=in-place
hours|big-ours|ours|ours|sender|size=$big
hours|big-to-dom0-server|ours|dom0|receiver|size=$big ring=20
hours|big-to-dom0-client|ours|dom0|sender|size=$big mode=in-place
hours|big-from-dom0-server|dom0|ours|sender|size=$big mode=packet chunk=65536
hours|big-from-dom0-client|dom0|ours|receiver|size=$big ring=12
END
}

peer=/lab/build/dom0/vchan_peer
limit=400 # seconds
case " $* " in *" hours "* | *" big-"*) limit=7200 ;; esac

# value KEY DEFAULT: prints the value of KEY= in $words
value() {
    case " $words " in
    *" $1="*) printf '%s' " $words " | sed "s/.* $1=\([^ ]*\) .*/\1/" ;;
    *) printf '%s' "$2" ;;
    esac
}

# in_dom0 ROLE: starts our program in the place of ROLE
in_dom0() {
    verb=send
    [ "$1" = sender ] || verb=receive
    side=client
    [ "$server" != "$1" ] || side=server
    mode=$(value mode stream)
    [ "$mode" = packet ] || mode=stream
    # shellcheck disable=SC2086 # verb and side are words
    "$peer" $side $verb "$id" "$path" "$limit" "$(value size 1048576)" "$(value seed 1)" \
        "$(value chunk 16384)" "$mode" $((1 << $(value ring 16))) \
        "$(value rounds 1)" \
        >"$lab_logs/$name-dom0.log" 2>"$lab_logs/$name-dom0.err" &
    echo $! >"$work/$name.program"
}

# guest ROLE WORDS: starts our guest in the place of ROLE; WORDS hvm: from its ISO
guest() {
    side=client
    [ "$server" != "$1" ] || side=server
    case $2 in
    hvm) lab_create "$name-$1" cfg/none.cfg "iso=/lab/build/tests/streams/$1.iso" 'vga="none"' ;;
    *) start "$name-$1" "$1 $words side=$side $2" ;;
    esac
}

# crc_of FILE: prints what the end said about bytes and CRC
crc_of() { grep -aoE '[0-9]+ bytes, CRC-32C 0x[0-9a-f]+' "$1" | tail -n 1; }

# few_hypercalls GUESTS: succeeds if both together made 5 at most for each time that the ring was
# filled. Ends that take turns make 4; one that is interrupted in its turn makes more.
# shellcheck disable=SC2317 # called by its name
few_hypercalls() {
    for guest in $1; do
        grep -aoE '[0-9]+ hypercalls' "$lab_logs/$guest.serial.log"
    done | awk -v fills=$(($(value size 0) >> $(value ring 16))) '
        { sum += $1 }
        END { exit !(NR == 2 && sum <= 5 * fills) }'
}

judge() {
    ours=
    for role in sender receiver; do
        case $role in sender) where=$sender ;; *) where=$receiver ;; esac
        if [ "$where" = dom0 ]; then
            status=0
            wait "$(cat "$work/$name.program")" || status=$?
            is "$status$(cat "$lab_logs/$name-dom0.err")" 0 "$name: dom0's $role ends well"
            said=$(crc_of "$lab_logs/$name-dom0.log")
        else
            check "$name: our $role passes" ends "$name-$role" PASS "$limit"
            said=$(crc_of "$lab_logs/$name-$role.serial.log")
            ours="$ours $name-$role"
            diag "$(grep -a 'hypercalls, ' "$lab_logs/$name-$role.serial.log" | tr -d '\r')"
        fi
        [ "$role" = receiver ] || first=$said
    done
    is "${said%% *}" "$(value size 1048576)" "$name: all bytes arrive"
    is "$said" "$first" "$name: both ends have the same CRC"
    case $name in ours | hvm) check "$name: events are few" few_hypercalls "$ours" ;; esac
    # shellcheck disable=SC2086 # a list
    lab_destroy $ours
}

# Creates both ends of the line that was read. The guest comes first: xenstored keeps a node from a
# domain that is younger than the node.
launch() {
    case $sender:$receiver in
    hvm:hvm)
        guest sender hvm
        guest receiver hvm
        return
        ;;
    ours:ours)
        guest sender "name=$name"
        guest receiver "name=$name"
        return
        ;;
    ours:dom0) guest=sender program=receiver ;;
    *) guest=receiver program=sender ;;
    esac
    path=data/vchan/$name
    [ "$server" = "$guest" ] || path=/local/domain/0/$path
    guest "$guest" "peer=0 node=$path"
    id=$(xl domid "$name-$guest")
    [ "$server" != "$guest" ] || path=/local/domain/$id/$path
    in_dom0 "$program"
}

[ $# != 0 ] || set -- first
table >"$work/table"
for wanted; do
    cut -d '|' -f 1,2 "$work/table" | tr '|' '\n' | grep -qxF "$wanted" ||
        die 2 "'$wanted': expected a set or a stream of the table in tests/scenarios/streams.sh"
done
wanted=" $* "
: >"$work/together"
together=
while IFS='|' read -r set name sender receiver server words; do
    case $wanted in *" $set "* | *" $name "*) ;; *) continue ;; esac
    launch
    if [ "$set" = together ]; then
        together="$together $name-$guest"
        echo "$set|$name|$sender|$receiver|$server|$words" >>"$work/together"
    else
        judge
    fi
done <"$work/table"
# shellcheck disable=SC2086 # a list
[ -z "$together" ] || check 'together: the last one begins' waits_for ${together##* } 'is connected|client of'
for guest in $together; do
    check "$guest: its stream flows beside the others" not_logged "$guest" '^>> RESULT: '
done
while IFS='|' read -r set name sender receiver server words; do judge; done <"$work/together"
done_testing
