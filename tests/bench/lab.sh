#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The scenario of `make bench`: role=bench in two guests; the same stream between two programs on
# Xen's libxenvchan in dom0, and from such a program to a guest. Prints CSV:
# pairing,name,parameter,unit,n,min,median,max.
#
#   lab/run tests/bench/lab.sh [BYTES]
#
#   BYTES   of a run of the stream (default: 1 MiB)
# Needs build/xenolith.elf and build/dom0 (make peers). Exit status 0 if all ended well.
# shellcheck source=tests/lib/pair.sh
. tests/lib/pair.sh

size=${1:-1048576}
limit=1500 # seconds, for a pairing
program=/lab/build/dom0/vchan_bench
native='tsc_mode="native"' # else Xen emulates RDTSC

# csv PAIRING FILE: prints the lines of FILE that begin with BENCH
csv() {
    tr -d '\r' <"$2" | awk -v pairing="$1" '
        $1 == "BENCH" {
            name = $2
            parameter = 0
            if (match(name, /-[0-9]+$/)) {
                parameter = substr(name, RSTART + 1)
                name = substr(name, 1, RSTART - 1)
            }
            for (i = 5; i <= 8; i++) sub(/^[a-z]*=/, "", $i)
            print pairing "," name "," parameter "," $4 "," $5 "," $6 "," $7 "," $8
        }'
}

# passed GUEST: waits for its verdict, which has to be PASS
passed() { ends "$1" PASS "$limit" >&2 || exit 1; }

echo 'pairing,name,parameter,unit,n,min,median,max'

start server "bench side=server wait=600" "$native"
start client "bench side=client wait=600 size=$size" "$native" vcpus=2
passed client
passed server
csv 'ours to ours' "$lab_logs/client.serial.log"
grep -a '^>> Bench' "$lab_logs/client.serial.log" | tr -d '\r' >&2
lab_destroy server client

path=/local/domain/0/data/vchan/bench
$program server 0 $path "$limit" &
other=$!
$program client 0 $path "$limit" "$size" >"$lab_logs/lib-lib.log"
wait $other
csv 'libxenvchan to libxenvchan' "$lab_logs/lib-lib.log"

start sink "bench side=server wait=600 peer=0 node=data/vchan/bench" "$native"
id=$(xl domid sink)
$program client "$id" "/local/domain/$id/data/vchan/bench" "$limit" "$size" >"$lab_logs/lib-ours.log"
passed sink
csv 'libxenvchan to ours' "$lab_logs/lib-ours.log"
lab_destroy sink
