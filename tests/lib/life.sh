# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# What scenarios share that do something to a running guest; sources tests/lib/pair.sh.
# shellcheck source=tests/lib/pair.sh
. tests/lib/pair.sh

: "${life_kernel:=/lab/build/xenolith.elf}" # what pvh guests boot

# create NAME KIND WORDS [SETTING...]: creates a guest whose role and keys are WORDS: pvh, or hvm,
# from build/WORDS.iso, without any words. It has little memory, so that saving
# it takes little time. The log goes on when the guest is restored or migrated.
create() {
    create_name=$1 create_kind=$2 create_words=$3
    shift 3
    case $create_kind in
    hvm)
        # A device model would begin the file anew.
        mkfifo "/tmp/$create_name.in" "/tmp/$create_name.out" || return 1
        cat <>"/tmp/$create_name.out" >>"$lab_logs/$create_name.serial.log" &
        lab_create "$create_name" cfg/none.cfg "iso=/lab/build/$create_words.iso" 'vga="none"' \
            memory=32 "serial=\"pipe:/tmp/$create_name\"" "$@"
        ;;
    pvh)
        # The name that it has while it migrates.
        ln -sf "$lab_logs/$create_name.serial.log" "/var/log/xen/console/guest-$create_name--incoming.log"
        lab_create "$create_name" cfg/pvh.cfg "kernel=\"$life_kernel\"" \
            "cmdline='role=$create_words'" memory=16 "$@"
        ;;
    esac
}

# control NAME [NODE]: prints the path of the guest's control/NODE (default: shutdown)
control() { echo "/local/domain/$(xl domid "$1")/control/${2:-shutdown}"; }

# count NAME REGEX: prints how many lines of its log match
count() { grep -caE "$2" "$lab_logs/$1.serial.log"; }

# counted NAME REGEX NUMBER: succeeds if there are as many
# shellcheck disable=SC2317
counted() { [ "$(count "$1" "$2")" -ge "$3" ]; }

# run NAME COMMAND...: runs it; its output goes into a log. Succeeds as it does.
run() {
    run_log=$lab_logs/$1.xl.log
    shift
    echo "$*" >>"$run_log"
    "$@" >>"$run_log" 2>&1
}

# Each of these does to the guest what it is called, and waits until the guest says that it is back.
# They print what is wrong, and then fail.
#   do_save NAME [SECONDS]   saves and restores it, after SECONDS (default 0)
#   do_stay NAME             saves it; it goes on in place
#   do_full NAME             the same, but the save fails in the middle, as the disk is full
#   do_migrate NAME          migrates it to this host
#   do_pause NAME            pauses it for 3 seconds
do_save() {
    do_resumed=$(count "$1" '^>> Resumed: ')
    run "$1" xl save "$1" "/tmp/$1.save" || { echo "xl save $1 failed" >&2; return 1; }
    sleep "${2:-0}"
    run "$1" xl restore "/tmp/$1.save" || { echo "xl restore $1 failed" >&2; return 1; }
    rm "/tmp/$1.save"
    is_back "$1" "as domain $(xl domid "$1"), "
}
# shellcheck disable=SC2317 # called by name
do_stay() {
    do_resumed=$(count "$1" '^>> Resumed: ')
    run "$1" xl save -c "$1" "/tmp/$1.save" || { echo "xl save -c $1 failed" >&2; return 1; }
    rm "/tmp/$1.save"
    is_back "$1" 'in place, '
}
# shellcheck disable=SC2317
do_full() {
    do_resumed=$(count "$1" '^>> Resumed: ')
    if [ ! -d /tmp/small ]; then
        mkdir /tmp/small
        mount -t tmpfs -o size=256k small /tmp/small
    fi
    run "$1" xl save "$1" /tmp/small/save && { echo "xl save $1 succeeded on a full disk" >&2; return 1; }
    rm -f /tmp/small/save
    is_back "$1" 'in place, '
}
# shellcheck disable=SC2317
do_migrate() {
    do_resumed=$(count "$1" '^>> Resumed: ')
    run "$1" xl migrate -s '' "$1" 'xl migrate-receive' || { echo "xl migrate $1 failed" >&2; return 1; }
    is_back "$1" "as domain $(xl domid "$1"), "
}
# shellcheck disable=SC2317
do_pause() { xl pause "$1" && sleep 3 && xl unpause "$1"; }

# is_back NAME HOW: waits until its log has one more line "Resumed: HOW" than $do_resumed
is_back() {
    lab_within 60 0.5 counted "$1" "^>> Resumed: " $((do_resumed + 1)) &&
        grep -a '^>> Resumed: ' "$lab_logs/$1.serial.log" | tail -n 1 | grep -qF "$2" && return 0
    lab_report "$1" "did not come back '$2'"
    return 1
}

# wall_error NAME: prints by how many ms the guest's wall clock differed from dom0's when it was last
# resumed
wall_error() {
    wall_base=$(sed -n "s/.*wall clock's base \([0-9]*\) ms.*/\1/p" "$lab_logs/$1.serial.log" | tail -n 1)
    wall_error=$((wall_base - $(lab_epoch_ms)))
    echo "${wall_error#-}"
}
