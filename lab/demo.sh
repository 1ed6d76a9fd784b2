#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The scenario of `make demo`: boots build/writer.iso and build/reader.iso, shows both serial logs
# live, each line after its guest's name, and keeps a picture of each screen in
# build/lab/logs/demo.
#
# usage: lab/run lab/demo.sh [colour]     colour: colours the names
# Exit status: 0 if both guests end in PASS and power off, else 1.
set -eu
. lab/lib.sh

escape=$(printf '\033')
paint() {
    case $1 in
    colour)
        awk -v green="${escape}[1;32m" -v cyan="${escape}[1;36m" -v plain="${escape}[0m" '{
            sub(/^writer:/, green "&" plain)
            sub(/^reader:/, cyan "&" plain)
            print
            fflush()
        }'
        ;;
    *) cat ;;
    esac
}

for name in writer reader; do
    [ -f "/lab/build/$name.iso" ] || {
        echo "demo: no /lab/build/$name.iso: build it first (make iso)" >&2
        exit 1
    }
    lab_create $name "cfg/$name.cfg" "iso=/lab/build/$name.iso"
done
lab_follow 240 writer reader | paint "${1-}"

status=0
for name in writer reader; do
    lab_screen $name || :
    end=$(lab_state $name)
    lab_destroy $name
    result=$(grep -a '^>> RESULT' "/lab/logs/$name.serial.log" | tr -d '\r' || echo 'no result')
    lab_say "demo: $name: $result, and the domain's end: $end"
    [ "$result" = '>> RESULT: PASS' ] && [ "$end" = poweroff ] || status=1
done
exit $status
