# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# What the scenarios with writers and readers share; begins with lab/lib.sh.
# shellcheck source=lab/lib.sh
. lab/lib.sh

# Settings with which a domain ends as the files in cfg/ have it, not kept as lab_create does.
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

# ends NAME REGEX: waits for the RESULT line, without asking xl again and again, and compares it
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

# says NAME REGEX: whether the guest's log holds it
says() {
	grep -qaE "$2" "$lab_logs/$1.serial.log"
}

# silent NAME REGEX: whether it does not
silent() {
	! says "$1" "$2"
}

# waits_for NAME REGEX: until it does, for a minute
waits_for() {
	waits_left=120
	until says "$1" "$2"; do
		waits_left=$((waits_left - 1))
		[ $waits_left != 0 ] || { lab_report "$1" "never said '$2'"; return 1; }
		sleep 0.5
	done
}

# The highest id a domain has now.
last_domid() {
	xl list | awk 'NR > 1 && $2 > last { last = $2 } END { print last + 0 }'
}
