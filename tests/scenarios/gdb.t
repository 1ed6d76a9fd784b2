#!/bin/sh
# SPDX-License-Identifier: MIT
# lab/run --gdb: a scripted gdb stops in our kernel and in Xen, and prints arguments of both.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
# shellcheck source=tests/lib/or_skip.sh
. "$(dirname "$0")/../lib/or_skip.sh"
cd "$root"

tools/need gdb
make -s --no-print-directory all >&2
or_skip tools/build-xen.sh 4.17
or_skip lab/image.sh 4.17

lab/run --gdb --xen 4.17-patched --name gdb --timeout 400 --pvh-dom0 role=none \
    >"$work/out" 2>"$work/err" &
lab=$!
# The line that it prints for people: gdb FILE -ex 'target remote SOCKET'.
waited=0
until socket=$(sed -n "s/.*gdb for Xen:.*'target remote \(.*\)'/\1/p" "$work/err") && [ -S "$socket" ]; do
    waited=$((waited + 1))
    if [ $waited = 240 ] || ! kill -0 $lab 2>/dev/null; then
        fail 'lab/run --gdb: it prints a command, and the socket is there' "$(cat "$work/err")"
        done_testing
    fi
    sleep 0.5
done
pass 'lab/run --gdb: it prints a command, and the socket is there'
sleep 3
check 'lab/run --gdb: nothing runs before gdb says so' test ! -s build/lab/logs/gdb/console.log

expect 0 'gdb: the session ends by itself' timeout 300 gdb -batch -nx build/xen/4.17-patched/xen-syms \
    -ex 'set pagination off' -ex 'add-symbol-file build/xenolith.elf' -ex "target remote $socket" \
    -ex 'hbreak kmain' -ex 'hbreak do_assignment_3' \
    -ex continue -ex 'printf "magic 0x%x\n", magic' \
    -ex continue -ex 'printf "command %u\n", cmd' \
    -ex delete -ex detach
says 'kmain (magic=' 'gdb: it stops in kmain'
says 'magic 0x336ec578' "gdb: kmain's argument is the magic number of PVH"
says 'do_assignment_3 (cmd=' 'gdb: it stops in do_assignment_3'
says 'command 1' "gdb: do_assignment_3's argument is the command info"
status=0
wait $lab || status=$?
is $status 0 'lab/run --gdb: after gdb has gone the machine runs on to its end'
check 'lab/run --gdb: the verdict is PASS' grep -q '>> RESULT: PASS' "$work/out"
done_testing
