# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# What scenarios with writers and readers share; sources lab/lib.sh and tests/lib/tap.sh.
# shellcheck source=lab/lib.sh
. lab/lib.sh
# shellcheck source=tests/lib/tap.sh
. tests/lib/tap.sh

# Settings that destroy a domain at its end, as the files in cfg/ do; lab_create preserves it.
# shellcheck disable=SC2034 # for those who include this
shipped='on_poweroff="destroy"
on_reboot="destroy"
on_crash="destroy"'

# start NAME WORDS [SETTING...]: creates a PVH guest whose command line is role=WORDS. Without a
# wait= in WORDS the guest waits for 120 s: beside another lab, creating its peer can take 30 s.
start() {
    start_name=$1 start_words=$2
    case $start_words in *wait=*) ;; *) start_words="$start_words wait=120" ;; esac
    shift 2
    lab_create "$start_name" "cfg/pvh-${start_words%% *}.cfg" \
        'kernel="/lab/build/xenolith.elf"' "cmdline='role=$start_words'" "$@"
}

# logged NAME REGEX: succeeds if the guest's log has a line that matches
logged() { grep -qaE "$2" "$lab_logs/$1.serial.log"; }

# not_logged NAME REGEX: succeeds if it has none
not_logged() { ! logged "$1" "$2"; }

# waits_for NAME REGEX: waits up to a minute for such a line
waits_for() {
    lab_within 60 0.5 logged "$1" "$2" && return 0
    lab_report "$1" "never printed '$2' in 60 s"
    return 1
}

# ends NAME REGEX [SECONDS]: waits for the RESULT line, without calls of xl, and compares it
ends() {
    if ! lab_within "${3-400}" 1 logged "$1" '^>> RESULT: '; then
        lab_report "$1" "came to no verdict in ${3-400} s"
        return 1
    fi
    ends_line=$(grep -a '^>> RESULT: ' "$lab_logs/$1.serial.log" | tr -d '\r')
    echo "$ends_line" | grep -qE "$2" && return 0
    diag "$1: got '$ends_line', expected '$2'"
    lab_report "$1" 'has another verdict'
    return 1
}

# last_domid: prints the highest id of a domain
last_domid() {
    xl list | awk 'NR > 1 && $2 > last { last = $2 } END { print last + 0 }'
}
