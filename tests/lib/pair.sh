# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# The part that scenarios with writers and readers share; includes lab/lib.sh.
# shellcheck source=lab/lib.sh
. lab/lib.sh

# Settings that destroy a domain at its end, as the files in cfg/ do; lab_create preserves it.
# shellcheck disable=SC2034 # for those who include this
shipped='on_poweroff="destroy"
on_reboot="destroy"
on_crash="destroy"'

# start NAME WORDS [SETTING...]: a PVH guest whose command line is role=WORDS. Where WORDS have no
# wait=, the guest waits for 120 s: beside another lab the other one's creation can take 30.
start() {
    start_name=$1 start_words=$2
    case $start_words in *wait=*) ;; *) start_words="$start_words wait=120" ;; esac
    shift 2
    lab_create "$start_name" "cfg/pvh-${start_words%% *}.cfg" \
        'kernel="/lab/build/xenolith.elf"' "cmdline='role=$start_words'" "$@"
}

# ends NAME REGEX: waits for the RESULT line, without repeated calls of xl, and compares it
ends() {
    ends_left=150
    until grep -qa '^>> RESULT: ' "$lab_logs/$1.serial.log"; do
        ends_left=$((ends_left - 1))
        if [ $ends_left = 0 ]; then
            lab_report "$1" 'came to no verdict in 150 s'
            return 1
        fi
        sleep 1
    done
    ends_line=$(grep -a '^>> RESULT: ' "$lab_logs/$1.serial.log" | tr -d '\r')
    echo "$ends_line" | grep -qE "$2" && return 0
    diag "$1: got '$ends_line', expected '$2'"
    lab_report "$1" 'has another verdict'
    return 1
}

# says NAME REGEX: succeeds if the guest's log holds it
says() {
    grep -qaE "$2" "$lab_logs/$1.serial.log"
}

# silent NAME REGEX: succeeds if the guest's log does not hold it
silent() {
    ! says "$1" "$2"
}

# waits_for NAME REGEX: waits up to a minute until the guest's log holds it
waits_for() {
    waits_left=120
    until says "$1" "$2"; do
        waits_left=$((waits_left - 1))
        [ $waits_left != 0 ] || { lab_report "$1" "never said '$2'"; return 1; }
        sleep 0.5
    done
}

# Prints the highest id of a domain.
last_domid() {
    xl list | awk 'NR > 1 && $2 > last { last = $2 } END { print last + 0 }'
}
