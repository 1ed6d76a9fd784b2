# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# What scenarios share. A scenario is a POSIX shell script that runs in dom0 (see lab/run) from the
# project's root; it begins with `. lab/lib.sh`, and with `. tests/lib/tap.sh` if it writes TAP.
#
# Every function that waits takes a deadline in seconds. When that passes it says on stderr what it
# waited for, and what the guest was doing if it waits for one, and returns 1. Guests' logs are
# /lab/logs/<domain>.serial.log.

lab_logs=/lab/logs

# lab_say WORDS...  A progress line on stderr, with the seconds since power-on.
lab_say() { echo "lab: [$(($(date +%s) - ${LAB_START:-$(date +%s)})) s] $*" >&2; }

# lab_local FILE
# Copies the host's FILE into dom0's memory and prints the path of the copy. A guest reads its ISO
# in small pieces; from the host, each would be a message.
lab_local() {
    [ -r "$1" ] || { echo "lab: cannot read $1" >&2; return 1; }
    # A file that has changed since gets another path.
    lab_copy=/tmp/lab.files/$(stat -c %Y "$1")$1
    if [ ! -e "$lab_copy" ]; then
        mkdir -p "${lab_copy%/*}"
        lab_part=$(mktemp "$lab_copy.XXXXXX")
        cp "$1" "$lab_part" || return 1
        mv "$lab_part" "$lab_copy"
    fi
    echo "$lab_copy"
}

# lab_within SECONDS PAUSE COMMAND...
# Waits until the command succeeds, and tries it every PAUSE seconds. It knows no guest: after the
# deadline it names the command only.
lab_within() {
    lab_limit=$1
    lab_pause=$2
    lab_deadline=$(($(date +%s) + lab_limit))
    shift 2
    until "$@" >/dev/null 2>&1; do
        if [ "$(date +%s)" -ge $lab_deadline ]; then
            echo "lab: waited $lab_limit s for: $*" >&2
            return 1
        fi
        sleep "$lab_pause"
    done
}

# lab_create NAME CFG [SETTING...]
# Creates the domain NAME from a file in cfg/ and settings that are added or replaced, each as in
# that file (memory=16, 'cmdline="role=none"', kernel="/lab/build/xenolith.elf"), or iso=PATH. The
# domain is kept until lab_destroy, however it ends.
lab_create() {
    lab_name=$1
    lab_cfg=$lab_logs/$lab_name.cfg
    cat "$2" >"$lab_cfg" || return 1
    shift 2
    lab_cdrom='format=raw, vdev=hdc, access=ro, devtype=cdrom, target='
    lab_log=$lab_logs/$lab_name.serial.log
    : >"$lab_log"
    if grep -q '^type *= *"hvm"' "$lab_cfg"; then
        lab_serial="serial = \"file:$lab_log\""
    else
        # A PVH guest has no COM1: xenconsoled logs its PV console here.
        lab_serial=''
        ln -sf "$lab_log" "/var/log/xen/console/guest-$lab_name.log"
    fi
    {
        echo
        echo "name = \"$lab_name\""
        for lab_event in poweroff reboot crash watchdog; do
            echo "on_$lab_event = \"preserve\""
        done
        echo "$lab_serial"
        for lab_setting; do
            case $lab_setting in
            iso=/lab/*)
                lab_file=$(lab_local "${lab_setting#iso=}") || return 1
                echo "disk = ['$lab_cdrom$lab_file']"
                ;;
            iso=*) echo "disk = ['$lab_cdrom${lab_setting#iso=}']" ;;
            kernel=?/lab/*?)
                lab_setting=${lab_setting#kernel=?}
                lab_file=$(lab_local "${lab_setting%?}") || return 1
                echo "kernel = \"$lab_file\""
                ;;
            *) echo "$lab_setting" ;;
            esac
        done
    } >>"$lab_cfg"
    if xl create "$lab_cfg" >>"$lab_logs/$lab_name.xl.log" 2>&1; then
        lab_say "domain $lab_name is created"
        return 0
    fi
    echo "lab: xl create $lab_name failed:" >&2
    cat "$lab_logs/$lab_name.xl.log" >&2
    return 1
}

# lab_state NAME
# Prints the domain's state: running, poweroff, reboot, suspend, crash, watchdog, soft_reset, dying,
# or gone.
lab_state() {
    lab_xl_status=0
    lab_list=$(xl list -v "$1" 2>/dev/null) || lab_xl_status=$?
    case $lab_xl_status in
    0) ;;
    1)
        echo gone
        return
        ;;
    *)
        # A signal killed xl: that says nothing about the domain.
        echo "lab: xl list ended with status $lab_xl_status" >&2
        echo running
        return
        ;;
    esac
    echo "$lab_list" | awk '
        BEGIN { split("poweroff reboot suspend crash watchdog soft_reset", reason) }
        NR == 2 {
            if ($5 ~ /d/) print "dying"
            else if ($8 == "-") print "running"
            else print ($8 + 1 in reason) ? reason[$8 + 1] : "reason-" $8
        }'
}

# lab_is_due NAME
# Succeeds if it is time to ask xl about the domain: its verdict is there, or the loop's turn,
# lab_waited, is every tenth.
lab_is_due() {
    grep -qa '>> RESULT' "$lab_logs/$1.serial.log" || [ $((lab_waited % 10)) = 9 ]
}

# lab_wait_end NAME SECONDS
# Waits until the domain has shut down (or is gone), and prints its state.
lab_wait_end() {
    lab_waited=0
    lab_deadline=$(($(date +%s) + $2))
    while [ "$(date +%s)" -lt $lab_deadline ]; do
        if lab_is_due "$1"; then
            lab_now=$(lab_state "$1")
            case $lab_now in
            running | dying) ;;
            *)
                lab_say "domain $1 has ended: $lab_now"
                echo "$lab_now"
                return 0
                ;;
            esac
        fi
        lab_waited=$((lab_waited + 1))
        sleep 1
    done
    lab_report "$1" "did not shut down in $2 s"
    lab_state "$1"
    return 1
}

# lab_wait_line NAME SECONDS REGEX
# Waits for a line of the domain's log that matches an extended regex, and prints the first. Gives
# up early if the domain ends without it.
lab_wait_line() {
    lab_waited=0
    lab_now=running
    lab_deadline=$(($(date +%s) + $2))
    while :; do
        [ $((lab_waited % 10)) != 9 ] || lab_now=$(lab_state "$1")
        if lab_line=$(grep -aEm 1 -- "$3" "$lab_logs/$1.serial.log"); then
            lab_line=$(echo "$lab_line" | tr -d '\r')
            lab_say "domain $1: $lab_line"
            echo "$lab_line"
            return 0
        fi
        [ "$lab_now" = running ] || break
        [ "$(date +%s)" -lt $lab_deadline ] || break
        lab_waited=$((lab_waited + 1))
        sleep 1
    done
    lab_report "$1" "never printed '$3' (waited up to $2 s)"
    return 1
}

# lab_follow SECONDS NAME...
# Copies the domains' logs to stdout as they grow, from the kernel's first line on, until all have
# shut down. With several domains, each line begins with its domain's name.
lab_follow() {
    lab_limit=$1
    lab_deadline=$(($(date +%s) + $1))
    shift
    rm -f /tmp/lab.shown.*
    lab_waited=0
    while :; do
        lab_left=''
        # The states come first: the log of a domain that has ended is then complete.
        for lab_name; do
            if ! lab_is_due "$lab_name" || [ "$(lab_state "$lab_name")" = running ]; then
                lab_left="$lab_left $lab_name"
            fi
        done
        lab_waited=$((lab_waited + 1))
        lab_late=$(date +%s)
        for lab_name; do
            lab_prefix=''
            [ $# = 1 ] || lab_prefix="$lab_name: "
            # A line still being written waits for its end.
            head -n "$(wc -l <"$lab_logs/$lab_name.serial.log")" "$lab_logs/$lab_name.serial.log" |
                tr -d '\r' | sed -n '/^>> /,$p' >/tmp/lab.log
            lab_lines=$(wc -l </tmp/lab.log)
            lab_shown=$(cat "/tmp/lab.shown.$lab_name" 2>/dev/null || echo 0)
            if [ "$lab_lines" -gt "$lab_shown" ]; then
                sed -n "$((lab_shown + 1)),${lab_lines}s|^|$lab_prefix|p" /tmp/lab.log
                echo "$lab_lines" >"/tmp/lab.shown.$lab_name"
            fi
        done
        [ -n "$lab_left" ] || return 0
        [ "$lab_late" -lt $lab_deadline ] || break
        sleep 1
    done
    for lab_name in $lab_left; do
        lab_report "$lab_name" "did not shut down in $lab_limit s"
    done
    return 1
}

# lab_report NAME WHAT
# Prints on stderr WHAT went wrong, the domain's state and its last lines.
lab_report() {
    case $(lab_state "$1") in
    running) lab_how="it is still running: hung or slow" ;;
    gone) lab_how="it is gone: destroyed, not shut down" ;;
    *) lab_how="it ended: $(lab_state "$1")" ;;
    esac
    {
        echo "lab: domain $1 $2; $lab_how. The end of its log:"
        # GRUB draws its menu with escape sequences: drop them.
        lab_plain <"$lab_logs/$1.serial.log" |
            grep -a '[^ ]' | tail -n 8 | sed 's/^/    /'
    } >&2
}

# lab_screen NAME
# Saves the domain's screen as /lab/logs/NAME.png, or as NAME.ppm, which lab/run converts, if the
# device model cannot write PNG.
lab_screen() {
    xl qemu-monitor-command "$1" "screendump -f png $lab_logs/$1.png" >/dev/null 2>&1
    [ ! -s "$lab_logs/$1.png" ] || return 0
    rm -f "$lab_logs/$1.png"
    xl qemu-monitor-command "$1" "screendump $lab_logs/$1.ppm" >/dev/null 2>&1
    [ -s "$lab_logs/$1.ppm" ] && return 0
    echo "lab: no screen dump of domain $1" >&2
    return 1
}

# lab_screen_text NAME
# Prints the 25 lines of the domain's screen in VGA's text mode.
lab_screen_text() {
    xl qemu-monitor-command "$1" 'xp /2000xh 0xb8000' 2>/dev/null | tr -d '\r' | awk '
        function digit(character) { return index("0123456789abcdef", character) - 1 }
        {
            for (i = 2; i <= NF; i++) { # 0xAATT: attribute, character
                code = digit(substr($i, 5, 1)) * 16 + digit(substr($i, 6, 1))
                line = line (code >= 32 && code < 127 ? sprintf("%c", code) : " ")
                if (length(line) == 80) { sub(/ *$/, "", line); print line; line = "" }
            }
        }'
}

# lab_plain
# Copies a console's bytes without terminal codes and carriage returns.
lab_plain() { tr -d '\r' | sed "s/$(printf '\033')\\[[0-9;?]*[A-Za-z]//g"; }

# lab_destroy NAME...
lab_destroy() {
    for lab_name; do
        xl destroy "$lab_name" >/dev/null 2>&1 || :
    done
}

# lab_epoch_ms
# Prints dom0's wall clock minus Xen's system time, in ms, which a guest's wall clock base must
# equal: wall-base=MS on its command line.
lab_epoch_ms() {
    lab_best=''
    for lab_try in 1 2 3; do
        xl dmesg -c >/dev/null
        # The path keeps busybox from running its own date, which lacks %N.
        lab_before=$(/usr/bin/date +%s%N)
        xl debug-keys r
        lab_after=$(/usr/bin/date +%s%N)
        lab_uptime=$(xl dmesg | sed -n 's/.*NOW=\([0-9]*\).*/\1/p' | head -n 1)
        if [ -z "$lab_uptime" ]; then
            echo "lab: Xen's debug key r printed no NOW= (try $lab_try)" >&2
            return 1
        fi
        # The quickest answer is the most exact.
        if [ -z "$lab_best" ] || [ $((lab_after - lab_before)) -lt "$lab_best" ]; then
            lab_best=$((lab_after - lab_before))
            lab_epoch=$((((lab_before + lab_after) / 2 - lab_uptime) / 1000000))
        fi
    done
    echo "$lab_epoch"
}
