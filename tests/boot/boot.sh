#!/bin/sh
# SPDX-License-Identifier: MIT
# Boots the rows of tests/boot/boot.table for one Xen, as this file's name ends with it in the table,
# and judges what they logged and how they ended.
# usage: tests/boot/boot-XEN.t [NAME...]    only the guests of these names, of XEN-more and XEN-hours, too
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "$root"
# shellcheck source=tests/lib/or_skip.sh
. tests/lib/or_skip.sh
# shellcheck source=tests/boot/kernels.sh
. tests/boot/kernels.sh

script=$(basename "$0" .t)
rows=${script#boot-}
xen=${rows%%-*}
build=build/tests/$script
logs=build/lab/logs/$script

# select_rows [NAME...]: writes the rows for this Xen, of these names or all, without the blanks
# around fields, to $work/rows: name|boots|settings|ends|verdict|golden
select_rows() {
    sed -e '/^#/d' -e '/^$/d' -e 's/ *| */|/g' -e 's/ *$//' tests/boot/boot.table |
        awk -F'|' -v xen="$xen" -v rows="$rows" -v only=" $* " '
            only == "  " && index(" " $2 " ", " " rows " ") ||
            index(only, " " $1 " ") && index(" " $2, " " xen) {
                print $1 "|" $3 "|" $4 "|" $5 "|" $6 "|" $7 }' >"$work/rows"
    for select_name; do
        grep -q "^$select_name|" "$work/rows" || fail "$select_name: it is a row for Xen $xen"
    done
    [ -s "$work/rows" ] || { fail "boot.table: it has rows for Xen $xen"; done_testing; }
}

# prepare NAME BOOTS SETTINGS ENDS: makes what the row boots, and adds it to $work/lab, the guests
# of a dom0 (name|image|words|settings|ends), or to $work/direct (name|how|image|words|settings).
prepare() {
    how=${2%% *}
    words=${2#* }
    [ "$words" != "$2" ] || words=
    variant=${how#*:}
    [ "$variant" != "$how" ] || variant=plain
    case $how in
    iso*)
        args=${words#* }
        [ "$args" != "$words" ] || args=
        # tests/boot/guests.sh overwrites the digits, once it knows the epoch.
        args=$(printf '%s' "$args" | sed 's/@EPOCH@/1000000000000/')
        iso "$1" "$variant" "${words%% *}" "$args"
        image=$build/$1.iso
        words=
        ;;
    *)
        image=$(kernel "$variant")
        words=$(printf '%s' "$words" | sed "s/@64K@/$long/")
        ;;
    esac
    case $xen:$how in
    none:* | *:dom0*) echo "$1|$how|$image|$words|$3" >>"$work/direct" ;;
    *) echo "$1|/lab/$image|$words|$3|$4" >>"$work/lab" ;;
    esac
}

# Boots the guests of $work/lab, in one run of the lab, and adds name|end for each to $work/ends.
boot_in_lab() {
    [ -s "$work/lab" ] || return 0
    cp "$work/lab" "$build/rows"
    say "$(wc -l <"$work/lab") guests on Xen $xen"
    lab/run --xen "$xen" --name "$script" --timeout 2400 --memory 10240 \
        --xen-args bootscrub=0 tests/boot/guests.sh "/lab/$build/rows" 2 >>"$work/ends" ||
        fail "lab: it runs to its end" "$(tail -n 3 "$logs/console.log")"
}

# boot_in_qemu NAME HOW IMAGE WORDS SETTINGS: boots it without Xen; prints QEMU's exit status.
boot_in_qemu() {
    qemu_log=$logs/$1.serial.log
    qemu_options=$5
    case $2 in
    iso*) set -- -cdrom "$3" ;;
    *) set -- -kernel "$3" -append "$4" ;;
    esac
    qemu_status=0
    # shellcheck disable=SC2086 # several options
    timeout 100 qemu-system-x86_64 -machine pc -accel tcg -cpu max -m 64 -nodefaults \
        -display none -vga std -serial "file:$qemu_log" -device isa-debug-exit,iobase=0xf4,iosize=4 \
        $qemu_options "$@" >/dev/null 2>&1 || qemu_status=$?
    echo "$qemu_status"
}

# boot_as_dom0 NAME IMAGE WORDS: boots the kernel straight under Xen; prints how it ended.
boot_as_dom0() {
    if lab/run --xen "$xen" --name "$script-$1" --timeout 100 --kernel "$2" \
        --pvh-dom0 "$3" >"$logs/$1.serial.log"; then
        echo poweroff
    else
        echo "status $?"
    fi
}

# Boots $work/direct, one after the other, and adds name|end for each to $work/ends.
boot_directly() {
    while IFS='|' read -r name how image words settings; do
        case $how in
        dom0*) end=$(boot_as_dom0 "$name" "$image" "$words") ;;
        *) end=$(boot_in_qemu "$name" "$how" "$image" "$words" "$settings") ;;
        esac
        echo "$name|$end" >>"$work/ends"
    done <"$work/direct"
}

# judge NAME ENDS VERDICT GOLDEN: what the guest logged, and how it ended.
judge() {
    log=$logs/$1.serial.log
    ended=$(sed -n "s/^$1|//p" "$work/ends")
    # Before its console is up, a PVH guest can only be read in Xen's own log.
    [ -s "$log" ] || grep -aF ">> RESULT: ${3%%\**}" "$logs/console.log" >"$log" || :
    result=$(tr -d '\r' <"$log" | sed -n 's/.*>> RESULT: //p' | head -n 1)
    # The verdict is a pattern, so that an address in it can be any.
    # shellcheck disable=SC2254
    case $result in
    $3) wanted=$2 ;;
    *) wanted="another verdict" ;;
    esac
    [ "$(grep -ac '>> Control transferred' "$log")" -le 1 ] || wanted="lines that come twice"
    [ "$ended" != 'not created' ] || log=$logs/$1.xl.log
    if [ "$ended" = "$wanted" ]; then
        pass "$1: $3, $2"
    else
        fail "$1: $3, $2" "RESULT: $result, ended: $ended; the end of $log:
$(tail -n 6 "$log" | tr -d '\r')"
        return 0
    fi
    [ -z "$4" ] || expect 0 "$1: the log is $4-$xen.log" tools/logdiff \
        "tests/boot/golden/$4-$xen.log" "$log"
}

# Xen's own log of the lab's run.
judge_xen() {
    [ -s "$work/lab" ] || return 0
    expect 1 "Xen: its log is free of crashes and warnings" grep -aE \
        'domain_crash|Triple fault|Xen (WARN|BUG)|Assertion|vmexit failed|Failed vm entry' \
        "$logs/console.log"
}

[ "$xen" = none ] || or_skip lab/image.sh "$xen"
rm -rf "$build"
mkdir -p "$build" "$logs"
long=$(head -c 65536 /dev/zero | tr '\0' a)
for file in lab direct ends; do : >"$work/$file"; done

select_rows "$@"
while IFS='|' read -r name boots settings ends _ _; do
    prepare "$name" "$boots" "$settings" "$ends"
done <"$work/rows"
boot_in_lab
boot_directly
while IFS='|' read -r name _ _ ends verdict golden; do
    judge "$name" "$ends" "$verdict" "$golden"
done <"$work/rows"
judge_xen
done_testing
