#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Scenario: xenolith-check from its package, in a dom0 that has nothing else of this project. Needs
# build/xenolith.deb (make deb).
#
#   lab/run tests/scenarios/xenolith-check.sh PART...
#
#   PART    safe: --safe, its promises and its reports; golden, crash, fail, interrupt, host: golden
#           logs, guests that crash, other ways to fail, signals, what is no host; few: some guests;
#           all: --all
# Writes TAP; exit status 0 if all passed.
# shellcheck source=lab/lib.sh
. lab/lib.sh
# shellcheck source=tests/lib/tap.sh
. tests/lib/tap.sh

parts=" $* "
cp /lab/build/xenolith.deb "$work/package.deb"
cp debian/tests/safe "$work/autopkgtest"
cd /
umount -l /lab/src /lab/build
check 'package: it unpacks' dpkg-deb -x "$work/package.deb" /
rm "$work/package.deb"
check 'dom0: nothing else of the project is there' test ! -e /lab/src/Makefile -a ! -e /lab/build/xenolith.elf

check=/usr/sbin/xenolith-check
limit=1500
data=/usr/lib/xenolith

# runs STATUS NAME ARG...: xenolith-check ends with STATUS; $output is what it printed. Emulation is
# slow, so guests have more time than by default, unless an ARG says otherwise.
runs() {
    runs_status=$1 runs_name=$2
    shift 2
    expect "$runs_status" "$runs_name" timeout "$limit" "$check" --timeout 400 "$@"
    printf '%s\n' "$output" >>"$lab_logs/runs.log"
    is "$(domains)" "$before" "$runs_name: the domains are those of before"
}
# domains: prints each domain's name, id and UUID
domains() { xl list -v | awk 'NR > 1 { print $1, $2, $7 }'; }

# part NAME: whether it is asked for
part() { case $parts in *" $1 "*) ;; *) return 1 ;; esac; }

if part few; then
    before=$(domains)
    runs 0 'few: guests and pairs pass, with logs that are golden' \
        --golden $data/golden hvm-none pvh-none pair-auto pair-stream life-idle-reboot life-idle
    is "$(echo "$output" | grep -c '^ok')" 6 'few: each is reported'
fi
if part all; then
    before=$(domains)
    limit=5000
    # All share one CPU here. Else 200 vCPUs keep xenstored from answering for 10 seconds.
    xl sched-credit2 -d 0 -w 4096
    runs 0 'all: every guest and pair passes' --all --results "$lab_logs"
    diag "$(echo "$output" | grep -v '^ok' | tail -n 20)"
fi

# Somebody else's domain, which stays as it is: a kernel of ours that has come to its verdict.
stranger() { # NAME [WORDS [READY]]
    cat >"$work/$1.cfg" <<END
name = "$1"
type = "pvh"
kernel = "$data/xenolith.elf"
cmdline = "${2-exit=halt}"
memory = 32
END
    xl create "$work/$1.cfg" >/dev/null
    lab_within 120 1 "${3-has_verdict}" "$1"
}
# shellcheck disable=SC2317 # lab_within calls it
has_offer() {
    has_offer=$(xenstore-read "/local/domain/$(xl domid "$1")/data/xenolith/default/reader") &&
        [ -z "$has_offer" ]
}
# shellcheck disable=SC2317 # lab_within calls it
has_verdict() { xenstore-read "/local/domain/$(xl domid "$1")/data/xenolith/result"; }
stranger bystander
is "$(has_verdict bystander)" PASS 'kernel: it leaves its verdict in xenstore'
before=$(domains)

# ---- --safe, and what it promises -------------------------------------------------------------

safe_part() {
    mkdir "$work/spy" "$work/results"
    stranger offerer 'role=writer wait=3600' has_offer
    before=$(domains)
    cat >"$work/spy/xl" <<END
#!/bin/sh
echo "\$*" >>$work/calls
exec $(command -v xl) "\$@"
END
    chmod +x "$work/spy/xl"
    free_before=$(xl info free_memory)
    dom0_before=$(xl list 0 | awk 'NR > 1 { print $3 }')
    xl dmesg >"$work/dmesg"
    ls -a /tmp >"$work/tmp"
    # By the package's test, as autopkgtest runs it.
    export AUTOPKGTEST_ARTIFACTS="$work/results"
    check=$work/autopkgtest
    PATH=$work/spy:$PATH runs 0 'safe: everything passes' \
        --save "$work/good" --junit "$lab_logs/junit.xml" --json "$lab_logs/report.json"
    check=/usr/sbin/xenolith-check
    diag "$(echo "$output" | grep -v '^ok' | tail -n 4)"
    check "safe: nobody claims another domain's offer" has_offer offerer
    is "$(lab_state offerer)" running 'safe: its writer still waits'
    count=$(echo "$output" | sed -n 's/^1\.\.//p')
    is "$(echo "$output" | grep -c '^ok ')" "$count" 'safe: each guest of the plan is reported, as ok'
    is "$($check --list --safe | wc -l)" "$count" 'safe: these are the guests of --list --safe'
    is "$(xl info free_memory)" "$free_before" 'safe: as much memory is free as before'
    is "$(xl list 0 | awk 'NR > 1 { print $3 }')" "$dom0_before" 'safe: dom0 has as much memory as before'
    ls -a /tmp >"$work/tmp.now"
    expect 0 'safe: nothing is left in /tmp' diff "$work/tmp" "$work/tmp.now"
    grep -vE '^(info|dmesg|list|list -v|domid xenolith-[a-z0-9-]+|create -p /tmp/xenolith-check\.[A-Za-z0-9]+/guests/[a-z0-9-]+\.cfg|(console|unpause|shutdown|reboot|destroy) [0-9]+)$' \
        "$work/calls" >"$work/other"
    expect 0 'safe: xl does nothing but look, create, start, stop and destroy' diff /dev/null "$work/other"
    sed -n 's/^unpause //p' "$work/calls" | sort >"$work/created"
    sed -n 's/^destroy //p' "$work/calls" | sort -u >"$work/destroyed"
    comm -13 "$work/created" "$work/destroyed" >"$work/other" 2>/dev/null ||
        grep -vxFf "$work/created" "$work/destroyed" >"$work/other"
    expect 0 'safe: it destroys only domains that it created' diff /dev/null "$work/other"
    (cd "$work/results" && tar -xzf xenolith-results-*.tar.gz)
    kept=$(echo "$work"/results/xenolith-results-*/)
    cat "$kept"/guests/*.cfg | grep -vE "^(#|\$)" | sed 's/ *=.*//' | sort -u |
        grep -vxE 'name|uuid|type|memory|vcpus|boot|disk|kernel|cmdline|serial|vga|vnc|sdl|usb|tsc_mode|on_[a-z]+' \
            >"$work/other"
    expect 0 'safe: no guest has a device, but for its disc and serial port' diff /dev/null "$work/other"
    cat "$kept"/guests/*.cfg | grep -E '^(memory|vcpus)' | sort -u |
        grep -vxE 'memory = 64|vcpus = 1' >"$work/other"
    expect 0 'safe: no guest has more than 64 MiB and a vCPU' diff /dev/null "$work/other"
    check 'results: they have what Xen says of itself' grep -q '^xen_major' "$kept/xl-info.txt"
    check 'results: they have a summary' grep -q "^$count guests and pairs: $count passed" "$kept/summary.txt"
    check 'results: they have a serial log' grep -q 'RESULT: PASS' "$kept/guests/hvm-none.serial.log"
    check "results: they have what Xen has logged" grep -q . "$kept/xl-dmesg.txt"
    is "$(grep -cxFf "$work/dmesg" "$kept/xl-dmesg.txt" | awk '{ print ($1 < 20) }')" 1 \
        "results: not what it had logged before"
    check 'save: a log is kept' grep -q 'RESULT: PASS' "$work/good/pvh-none.log"
    xl destroy offerer
    before=$(domains)
}

# ---- Golden logs ------------------------------------------------------------------------------

golden_part() {
    [ -d "$work/good" ] || runs 0 'golden: logs are kept' --save "$work/good" pvh-none
    runs 0 'golden: the logs of this run are those of the last one' --golden "$work/good" pvh-none
    runs 0 "golden: the project's own logs hold here" --golden "$data/golden" pvh-none pvh-selftest hvm-key
    sed 's/^RAM: .*/RAM: 1 KiB/' "$work/good/pvh-none.log" >"$work/wrong"
    mv "$work/wrong" "$work/good/pvh-none.log"
    runs 1 'golden: a log that differs is a failure' --golden "$work/good" --save "$work/good" pvh-none
    says "its log is not $work/good/pvh-none.log" 'golden: the reason names the file'
    says '-RAM: 1 KiB' 'golden: the difference is shown'
}

# ---- Each way to fail -------------------------------------------------------------------------

crash_part() {
    runs 1 'crashed: a guest that crashes is a failure' --xl-settings 'cmdline="role=banana"' pvh-none
    says "the verdict is 'FAIL (bad value in" 'crashed: the reason has the verdict'

    # Text that consists of INT3: a triple fault at once, which Xen takes for a reboot. The numbers are
    # p_offset and p_filesz of the first segment.
    text=$(od -An -tu4 -j 72 -N 4 $data/xenolith.elf)
    size=$(od -An -tu4 -j 96 -N 4 $data/xenolith.elf)
    {
        head -c $((text)) $data/xenolith.elf
        head -c $((size)) /dev/zero | tr '\000' '\314'
        tail -c "+$((text + size + 1))" $data/xenolith.elf
    } >"$work/crash.elf"
    runs 1 'crashed: one without a verdict, too' \
        --xl-settings "kernel=\"$work/crash.elf\"" pvh-none pair-auto
    says 'it ended in reboot without a verdict' 'crashed: the reason says so'
    says 'its log is empty' 'crashed: what there is of its log is shown'
    says 'the writer ended in reboot without a verdict' 'crashed: so is one of a pair'
}

fail_part() {
    runs 1 'hung: a guest that does not end is a failure' \
        --timeout 30 --xl-settings 'cmdline="exit=halt"' pvh-none
    says 'it had not ended after 30 s: hung or slow' 'hung: the reason says so'
    says '>> RESULT: PASS' 'hung: the end of its log is shown'

    runs 1 'xl: a guest that xl does not create is a failure' --xl-settings 'vcpus=9999' pvh-none
    says 'xl cannot create it: ' 'xl: the reason has its message'
    runs 1 'memory: a guest that does not fit is a failure' --xl-settings 'memory=100000' pvh-none
    says 'too little memory: ' 'memory: the reason says how much is free and needed'

    runs 1 'life: a guest that ends too early is a failure' \
        --xl-settings 'cmdline="role=none"' life-idle-poweroff
    says "it ended in poweroff before it logged 'Idle: until'" 'life: the reason says so'
    runs 1 'life: one that cannot be saved, too' --xl-settings 'cmdline="role=none exit=halt"' \
        --timeout 30 life-idle
    says "it had not logged 'Idle: until' after 30 s" 'life: the reason says what was waited for'

    stranger xenolith-pvh-none
    before=$(domains)
    runs 1 'name: one that is taken is a failure' pvh-none pvh-halt
    says "the name xenolith-pvh-none is taken by domain $(xl domid xenolith-pvh-none)" 'name: the reason says by whom'
    says '- pvh-halt' 'name: other guests run'
    xl destroy xenolith-pvh-none
    before=$(domains)

    # dom0 writes another verdict where the guest, and no other domain, has left its own.
    others=" $(xenstore-list /local/domain | tr '\n' ' ')"
    while [ ! -e "$work/enough" ]; do
        for id in $(xenstore-list /local/domain); do
            case $others in *" $id "*) continue ;; esac
            case $(xenstore-read "/local/domain/$id/data/xenolith/result" 2>/dev/null) in
            PASS) xenstore-write "/local/domain/$id/data/xenolith/result" 'FAIL (forged)' ;;
            esac
        done
    done &
    runs 1 'disagreement: between serial log and xenstore is a failure' pvh-direct
    says "the serial log says 'PASS', and xenstore says 'FAIL (forged)'" 'disagreement: the reason has both'
    touch "$work/enough"
    wait

    expect 1 'keep: a guest that failed is a failure' \
        "$check" --timeout 400 --keep --xl-settings 'cmdline="role=banana"' pvh-none
    says 'xl destroy xenolith-pvh-none' 'keep: it says how to end the guest'
    is "$(lab_state xenolith-pvh-none)" crash 'keep: the guest is there, as it ended'
    xl destroy xenolith-pvh-none

    mkdir "$work/unable"
    cat >"$work/unable/xl" <<END
#!/bin/sh
[ "\$1" != destroy ] || exit 1
exec $(command -v xl) "\$@"
END
    chmod +x "$work/unable/xl"
    PATH=$work/unable:$PATH expect 1 'destroy: a guest that cannot be destroyed is a failure' \
        "$check" --timeout 400 pvh-none
    says 'these domains of ours cannot be destroyed:' 'destroy: it says so'
    says '#     xenolith-pvh-none' 'destroy: it names them'
    xl destroy xenolith-pvh-none
}

interrupt_part() {
    # shellcheck disable=SC2016 # the inner shell's
    expect 0 'interrupt: a reader of its output that ends, ends it' \
        sh -c '"$@" 2>/dev/null | head -n 3' - "$check" --timeout 400 --jobs 2 'pvh-*'
    is "$(ls -d /tmp/xenolith-check.* 2>/dev/null)" '' 'interrupt: it leaves no folder then'
    is "$(domains)" "$before" 'interrupt: it leaves no domain then'
    for signal in HUP:129 INT:130 QUIT:131 TERM:143; do
        expect "${signal#*:}" "interrupt: SIG${signal%:*} ends a run" \
            timeout -s "${signal%:*}" 25 "$check" --jobs 3 --timeout 400 'hvm-selftest' 'pair-*' pvh-halt
        says 'Bail out! interrupted' "interrupt: SIG${signal%:*} is reported"
        says ' 0 failed, ' "interrupt: a guest that SIG${signal%:*} cuts short has not failed"
        is "$(domains)" "$before" "interrupt: after SIG${signal%:*} only the domains of others are there"
    done
}

# ---- Not a host -------------------------------------------------------------------------------

host_part() {
    runs 2 'usage: an unknown guest is refused' nothing
    says "'nothing': no guest of this name" 'usage: the message names it'
    runs 2 'usage: an unknown option is refused' --hurry
    says "unknown option '--hurry'" 'usage: the message names it, too'
    runs 3 'no host: a report that cannot be written ends it with 3' --junit "$work/none/report" pvh-none
    says "cannot write '$work/none/report'" 'no host: the message names the file'
    mkdir "$work/bin" "$work/empty"
    for tool in sh awk sed cut dirname; do
        ln -s /usr/bin/busybox "$work/bin/$tool"
    done
    expect 3 'no host: without xl it ends with 3' env PATH="$work/bin" "$check" pvh-none
    says 'no xl' 'no host: the message says so'
    mount -o bind "$work/empty" /dev/xen
    mount -o bind "$work/empty" /proc/xen
    expect 3 'no host: where xl sees no Xen it ends with 3' "$check" pvh-none
    says "'xl info' failed: expected root in the dom0 of a Xen host" 'no host: the message says so'
    umount /dev/xen /proc/xen
    expect 3 'no host: without images it ends with 3' "$check" --data "$work/empty" pvh-none
    says 'guests.table' 'no host: the message names what is missing'
}

if part safe; then safe_part; fi
if part golden; then golden_part; fi
if part crash; then crash_part; fi
if part fail; then fail_part; fi
if part interrupt; then interrupt_part; fi
if part host; then host_part; fi
is "$(has_verdict bystander)" PASS "bystander: its verdict is as it was"
is "$(lab_state bystander)" running "bystander: somebody else's domain is as it was"
xl destroy bystander
done_testing
