#!/bin/sh
# SPDX-License-Identifier: MIT
# lab/run's judgement of how a run ended, with a stand-in for QEMU: what the machine left behind
# counts, also when it was gone before lab/run looked.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "$root"

# An empty image, so that no package is needed, and stand-ins for programs.
stand_in=$work # not `work`, which lab/run has as well
XENOLITH_CACHE=$work/cache
XENOLITH_ACCEL=tcg
export XENOLITH_CACHE XENOLITH_ACCEL stand_in
image=$XENOLITH_CACHE/lab/4.17-$(sha256sum lab/image.sh | cut -c1-12)
mkdir -p "$image" "$stand_in/bin"
touch "$image/xen.elf" "$image/vmlinux" "$image/initrd.zst"
kernel=$stand_in/kernel.elf
touch "$kernel"
real_grep=$(command -v grep)
export real_grep

# This QEMU prints the file `prints`, does nothing more if `halts` exists, waits for the file `go` if `waits` exists, leaves the file
# `leaves` as the scenario's status, and ends with the status in `ends`.
cat >"$stand_in/bin/qemu-system-x86_64" <<'END'
#!/bin/sh
case $1 in
--version)
    echo 'QEMU emulator version 9.9.9'
    exit
    ;;
esac
for word; do
    case $word in local,id=logs,path=*) logs=${word#*path=} logs=${logs%%,*} ;; esac
done
cat "$stand_in/prints"
[ ! -e "$stand_in/halts" ] || exec sleep 100
tries=0
while [ -e "$stand_in/waits" ] && [ ! -e "$stand_in/go" ] && [ $tries -lt 300 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
if [ -e "$stand_in/leaves" ]; then
    cp "$stand_in/leaves" "$logs/.lab/status.new"
    mv "$logs/.lab/status.new" "$logs/.lab/status"
fi
[ ! -e "$stand_in/last" ] || cat "$stand_in/last"
exit "$(cat "$stand_in/ends")"
END
# lab/run searches for a panic after it looked for the status. If `waits` exists, this grep lets
# QEMU end then, and takes long enough for that.
cat >"$stand_in/bin/grep" <<'END'
#!/bin/sh
case $* in
*Panic*)
    if [ -e "$stand_in/waits" ]; then
        touch "$stand_in/go"
        sleep 1
    fi
    ;;
esac
exec "$real_grep" "$@"
END
chmod +x "$work/bin/qemu-system-x86_64" "$work/bin/grep"
PATH=$work/bin:$PATH
echo 'exit 0' >"$work/scenario.sh"

# machine PRINTS STATUS ENDS [LAST]: sets what the next machine does; STATUS - leaves none
machine() {
    rm -f "$work/go" "$work/waits" "$work/leaves" "$work/last"
    printf '%s\n' "$1" >"$work/prints"
    [ "$2" = - ] || printf '%s\n' "$2" >"$work/leaves"
    echo "$3" >"$work/ends"
    [ -z "${4-}" ] || printf '%s\n' "$4" >"$work/last"
}
# run STATUS NAME: lab/run of a scenario ends with STATUS
run() {
    expect "$1" "$2" timeout 60 lab/run --name lab-run-test --timeout 30 "$work/scenario.sh"
}
# dom0 STATUS NAME: lab/run --pvh-dom0 ends with STATUS
dom0() {
    expect "$1" "$2" timeout 60 lab/run --name lab-run-test --timeout 30 --kernel "$kernel" \
        --pvh-dom0 role=none
}

for status in 0 1 2 77 124 255; do
    machine '(XEN) Xen' $status 0
    touch "$work/waits"
    run $status "lab/run: status $status of a machine that powers off between two looks"
    says "the scenario's exit status is $status" "lab/run: the last line names status $status"
done
machine '(XEN) Xen' - 0 '(XEN) Hardware Dom0 halted: halting machine'
touch "$work/waits"
dom0 0 'lab/run: our kernel as dom0 ends between two looks'
says 'Hardware Dom0 halted' 'lab/run: the last line says so'

for status in 0 5; do
    machine '(XEN) Xen' $status 0
    run $status "lab/run: status $status of a machine that powers off before the first look"
done
machine '(XEN) Xen' - 0
run 125 'lab/run: the machine powers off without a status'
says 'without saying why' 'lab/run: the machine powers off without a status: the message'
machine '(XEN) Xen' - 3
run 125 'lab/run: QEMU fails'
says 'QEMU ended with status 3' 'lab/run: QEMU fails: the message'
machine '(XEN) Xen' '' 0
run 125 'lab/run: dom0 leaves a status that is no number'
says "dom0 left '' for the scenario's status" 'lab/run: dom0 leaves a status that is no number: the message'
machine '(XEN) Xen' - 0 "$(printf '(XEN) Panic on CPU 0:\n(XEN) oh no')"
run 125 'lab/run: Xen panics'
says 'Xen panicked: oh no' 'lab/run: Xen panics: the message'
machine '(XEN) Xen' - 0
touch "$work/halts"
expect 125 'lab/run: a machine that stands still' \
    timeout 100 lab/run --name lab-run-test --timeout 99 "$work/scenario.sh"
says 'QEMU has used no CPU for 60 s, although a key was sent' 'lab/run: it stands still: the message'
rm "$work/halts"
machine '(XEN) Xen' - 0 'lab: dom0 failed: insmod 9p'
touch "$work/waits"
run 125 'lab/run: dom0 gives up between two looks'
says 'dom0 failed: insmod 9p' 'lab/run: dom0 gives up between two looks: the message'
expect 2 'lab/run: it refuses an unknown xenstored' lab/run --xenstored xs "$work/scenario.sh"
says "--xenstored 'xs': expected xenstored or oxenstored" 'lab/run: it refuses an unknown xenstored: the message'
expect 2 'lab/run: it refuses a xenstored for a kernel that runs alone' lab/run --xenstored oxenstored --pvh-dom0 role=none
says '--pvh-dom0 has no xenstore' 'lab/run: it refuses a xenstored for a kernel that runs alone: the message'

# A hypervisor of any release.
printf '\177ELF' >"$work/xen.elf"
own_xen() {
    machine "$1" 0 0
    touch "$work/waits"
    expect 0 "lab/run --xen-file: $2" timeout 60 lab/run --xen-file "$work/xen.elf" --xen 4.17 \
        --name lab-run-test --timeout 30 "$work/scenario.sh"
}
own_xen '(XEN) Xen version 4.19.1 (me@here)' 'another release than the toolstack'
says "Xen is 4.19, dom0's toolstack is of 4.17" 'lab/run --xen-file: it says that the releases differ'
own_xen '(XEN) Xen version 4.17.5 (me@here)' 'the release of the toolstack'
case $output in
*toolstack*) fail 'lab/run --xen-file: it says nothing where the releases agree' "$output" ;;
*) pass 'lab/run --xen-file: it says nothing where the releases agree' ;;
esac
expect 2 'lab/run --xen-file: it refuses a file that is not there' \
    lab/run --xen-file "$work/none" "$work/scenario.sh"
says "'$work/none': no such file" 'lab/run --xen-file: no such file: the message'
expect 2 'lab/run --xen-file: it refuses a file that is no hypervisor' \
    lab/run --xen-file README.md "$work/scenario.sh"
says 'expected a hypervisor, ELF or gzipped' 'lab/run --xen-file: no hypervisor: the message'
rm -rf build/lab/logs/lab-run-test

done_testing
