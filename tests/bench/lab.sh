#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The scenario of `make bench`: role=bench in two guests; the same stream between two programs on
# Xen's libxenvchan, in two Linux guests and in dom0, and between such a program and our guest, both
# ways. Prints CSV: pairing,name,parameter,unit,n,min,median,max.
#
#   lab/run --share IMAGE tests/bench/lab.sh [BYTES]
#
#   IMAGE   that of the lab, which lab/image.sh prints: the Linux guests have dom0's kernel and files
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

# linux NAME: creates a Linux guest that waits for its part in the stream
linux() {
    lab_create "$1" cfg/pvh-bench.cfg 'kernel="/lab/share/vmlinux"' 'ramdisk="/run/ramdisk"' \
        'cmdline="console=hvc0 quiet panic=-1 rdinit=/init"' memory=256 "$native" || exit 1
}

# part GUEST WORDS: what vchan_bench is to do there
part() { xenstore-write "/local/domain/$(xl domid "$1")/data/bench" "$2" || exit 1; }

# ended GUEST: waits until vchan_bench has ended there, well
ended() {
    lab_within "$limit" 1 logged "$1" '^bench: ended' && logged "$1" '^bench: ended with status 0' &&
        return 0
    lab_report "$1" 'did not end well'
    exit 1
}

mkdir /run/linux
cp tests/bench/linux-init /run/linux/init
cp $program /run/linux/
(cd /run/linux && find . | cpio -o -H newc) | cat - /lab/share/initrd.zst >/run/ramdisk
linux linux-server
linux linux-client
id=$(xl domid linux-server)
part linux-server "server $(xl domid linux-client) data/vchan/bench $limit"
part linux-client "client $id /local/domain/$id/data/vchan/bench $limit $size"
ended linux-client
ended linux-server
csv 'libxenvchan in two guests' "$lab_logs/linux-client.serial.log"
lab_destroy linux-server linux-client

path=/local/domain/0/data/vchan/bench
$program server 0 $path "$limit" &
other=$!
$program client 0 $path "$limit" "$size" >"$lab_logs/dom0.log" || exit 1
wait $other || exit 1
csv 'libxenvchan in dom0' "$lab_logs/dom0.log"

start sink "bench side=server wait=600 peer=0 node=data/vchan/bench" "$native"
id=$(xl domid sink)
$program client "$id" "/local/domain/$id/data/vchan/bench" "$limit" "$size" >"$lab_logs/lib-ours.log" ||
    exit 1
passed sink
csv 'libxenvchan to ours' "$lab_logs/lib-ours.log"
lab_destroy sink

start source "bench side=client wait=600 size=$size peer=0 node=$path" "$native"
$program server "$(xl domid source)" $path "$limit" || exit 1
passed source
csv 'ours to libxenvchan' "$lab_logs/source.serial.log"
lab_destroy source
