#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Xen's own vchan-socket-proxy between our guests and a plain socket (tests/dom0/socket_end.c), as
# server and as client of the vchan, both ways.
#
#   lab/run tests/scenarios/vchan-proxy.sh PROXY
#
#   PROXY   the folder, below /lab/build, of vchan-socket-proxy and of the libxenvchan that it needs
# Writes TAP; exit status 0 if all passed. Needs build/xenolith.elf and build/dom0 (make peers).
# shellcheck source=tests/lib/pair.sh
. tests/lib/pair.sh

folder=/lab/build/$1
size=300001

# crc_of FILE: prints what the end said about bytes and CRC
crc_of() { grep -aoE '[0-9]+ bytes, CRC-32C 0x[0-9a-f]+' "$1" | tail -n 1; }

# proxy MODE SOCKET: starts the proxy
proxy() {
    LD_LIBRARY_PATH=$folder "$folder/vchan-socket-proxy" --mode="$1" "$id" "$path" "$2" \
        >"$lab_logs/$name-proxy.log" 2>&1 &
    proxy=$!
}

# socket_end HOW VERB: starts the plain socket's end
socket_end() {
    /lab/build/dom0/socket_end "$1" "$2" "/tmp/$name.socket" 240 $size 5 \
        >"$lab_logs/$name-socket.log" 2>"$lab_logs/$name-socket.err" &
    socket=$!
}

# through MODE ROLE VERB: our guest in ROLE, the proxy in MODE, and behind it a socket that VERBs.
# The guest comes first: xenstored keeps a node from a domain that is younger than the node.
through() {
    name=proxy-$1-$3
    path=data/vchan/$name
    if [ "$1" = server ]; then
        path=/local/domain/0/$path
        start "$name" "$2 peer=0 side=client node=$path size=$size seed=5"
        id=$(xl domid "$name")
        socket_end listen "$3"
        lab_within 30 0.2 grep -q listening "$lab_logs/$name-socket.log"
        proxy server "/tmp/$name.socket"
    else
        start "$name" "$2 peer=0 side=server node=$path size=$size seed=5"
        id=$(xl domid "$name")
        path=/local/domain/$id/$path
        proxy client "/tmp/$name.socket"
        socket_end connect "$3"
    fi
    check "$name: our $2 passes" ends "$name" PASS
    status=0
    wait "$socket" || status=$?
    is "$status$(cat "$lab_logs/$name-socket.err")" 0 "$name: the socket ends well"
    is "$(crc_of "$lab_logs/$name-socket.log")" "$(crc_of "$lab_logs/$name.serial.log")" \
        "$name: both ends have the same CRC"
    kill "$proxy" 2>/dev/null || :
    wait "$proxy" 2>/dev/null || :
    lab_destroy "$name"
}

through server sender receive
through server receiver send
through client sender receive
through client receiver send
done_testing
