#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs in dom0, from tests/boot/boot.sh: boots the guests listed in the file $1, one
# "name|image|command line|settings|ends" a line, and prints "name|end" for each.
# $2 guests run at a time, in the order of the list.
. lab/lib.sh

rows=$1
lanes=$2
epoch=$(lab_epoch_ms) || exit 1

# An ISO's epoch cannot be known before Xen runs: it holds 13 digits to be overwritten.
guest() {
    name=$1 image=$2 words=$3 settings=$4 ends=$5
    case $image in
    *.iso)
        sed "s/wall-base=1000000000000/wall-base=$epoch/" "$image" >"/tmp/$name.iso"
        set -- cfg/none.cfg "iso=/tmp/$name.iso"
        ;;
    *)
        words=$(printf '%s' "$words" | sed "s/@EPOCH@/$epoch/")
        set -- cfg/pvh.cfg "kernel='$image'" "cmdline='$words'"
        ;;
    esac
    [ -z "$settings" ] || set -- "$@" "$settings"
    if lab_create "$name" "$@"; then
        if [ "$ends" = running ]; then
            lab_wait_line "$name" 300 '^>> RESULT' >/dev/null && sleep 2
            echo "$name|$(lab_state "$name")"
        else
            ended=$(lab_wait_end "$name" 300)
            # For a moment a domain that xl destroys has only shut down.
            left=60
            while [ "$ends:$ended" = gone:poweroff ] && [ $left -gt 0 ]; do
                sleep 1
                left=$((left - 1))
                ended=$(lab_state "$name")
            done
            echo "$name|$ended"
        fi
    else
        echo "$name|not created"
    fi
    lab_destroy "$name"
    rm -f "/tmp/$name.iso"
}

# Each takes the next row that none has taken.
lane() {
    while IFS='|' read -r name image words settings ends; do
        mkdir "/tmp/taken.$name" 2>/dev/null || continue
        guest "$name" "$image" "$words" "$settings" "$ends"
    done <"$rows"
}

number=0
while [ $number -lt "$lanes" ]; do
    lane &
    number=$((number + 1))
done
wait
