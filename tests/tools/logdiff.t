#!/bin/sh
# SPDX-License-Identifier: MIT
# tools/logdiff forgives the values that its rules name, and nothing else.
# shellcheck disable=SC2016 # the $ in single quotes is sed's
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

logdiff=$root/tools/logdiff
cp "$root/tools/common.sh" "$work/"

cat >"$work/last" <<'END'
>> Control transferred to the kernel!
Xenolith 0.2.0
Boot protocol: Multiboot2, by GRUB 2.06-13+deb12u1
Command line: role=none peer=auto wall-base=1700000000123 message="at wall-base=5 hello"
>> Initializing system calls...
>> Xen hypervisor detected!
>> XEN VERSION: major = 4 : minor = 17
Extra version: .5
Own domain id: 3
>> Initial monotonic clock: 7769 seconds
>> Initial wall clock: 1617563766 seconds
>> Current monotonic clock: 7770 seconds
>> Current wall clock: 1617563767 seconds
>> assignment_3: version 2, domain 3, HVM, call 1
Boot to verdict: 123456789 TSC cycles
>> RESULT: PASS
END
"$logdiff" --normalise "$work/last" >"$work/golden"

# Another run of the same: GRUB's output, the serial line's line ends, other values that vary.
{
    printf '\033[H\033[J\000\033[1;1H  Booting `none: find Xen'"'"'\r\n\r\n\r\033[m'
    sed -E -e 's/^Xenolith .*/Xenolith 0.3.0-rc1/' -e 's/deb12u1/deb12u2/' -e 's/=1700000000123/=1800000000321/' -e 's/: \.5$/: .7/' \
        -e 's/id: 3/id: 12/' -e 's/domain 3, HVM, call 1/domain 12, HVM, call 21/' -e 's/: [0-9]+ (seconds|TSC)/: 99 \1/' -e 's/$/\r/' "$work/last"
} >"$work/run"
expect 0 'logdiff: another run of the same is no difference' "$logdiff" "$work/golden" "$work/run"
expect 0 'logdiff: without a difference it prints nothing' test -z "$output"
expect 0 'logdiff: a raw log serves as the golden one' "$logdiff" "$work/last" "$work/run"
expect 0 'logdiff: it normalises a golden log' "$logdiff" --normalise "$work/golden"
expect 0 'logdiff: normalising twice changes nothing' test "$output" = "$(cat "$work/golden")"

# differs NAME SED: the run changed by SED is not the golden one, and the change is shown.
differs() {
    sed -E "$2" "$work/run" >"$work/changed"
    if cmp -s "$work/run" "$work/changed"; then
        fail "logdiff: it finds $1" "the test changes nothing: sed -E '$2'"
    else
        expect 1 "logdiff: it finds $1" "$logdiff" "$work/golden" "$work/changed"
    fi
}
differs 'a changed word' 's/detected!/suspected!/'
says '->> Xen hypervisor detected!
+>> Xen hypervisor suspected!' 'logdiff: the diff shows both lines'
differs 'a changed verdict' 's/PASS/FAIL (a reason)/'
differs 'a changed number that no rule names' 's/minor = 17/minor = 18/'
differs 'a changed word on a line with a rule' 's/Initial wall clock/Initial wail clock/'
differs 'a word after a value that may vary' 's/(id: 12)/\1 or so/'
differs 'a value that is no number' 's/(Initial wall clock:) [0-9]+/\1 -1/'
differs 'another version of the hypercall' 's/assignment_3: version 2/assignment_3: version 3/'
differs 'digits inside the message' 's/wall-base=5/wall-base=6/'
differs 'a missing line' '/Xen hypervisor detected/d'
differs 'an extra line' 's/^(Extra version.*)$/\1\nUBSan: shift out of bounds/'
differs 'a line twice' '/Own domain id/p'
differs 'two lines in the other order' '/Extra version/{N;s/(.*)\n(.*)/\2\n\1/}'
differs 'an empty line' 's/^(Extra version.*)$/\1\n\r/'
differs 'trailing blanks' 's/detected!/& /'
differs 'a carriage return inside a line' 's/Xen hyper/Xen\rhyper/'
differs 'an escape code inside a line' 's/Xen hyper/Xen \x1b[31mhyper/'
differs 'junk after the last line' '$s/$/\njunk\r/'
differs 'junk that is no text, without a line end' '$s/$/\njunk \x00/'
says '+junk' 'logdiff: the diff shows the junk'
differs 'a second boot in the same log' '$s/$/\n>> Control transferred to the kernel!\r/'

head -n 14 "$work/run" >"$work/cut"
expect 1 'logdiff: it finds a log that ends early' "$logdiff" "$work/golden" "$work/cut"
head -c -8 "$work/run" >"$work/cut"
expect 1 'logdiff: it finds a log cut within its last line' "$logdiff" "$work/golden" "$work/cut"
head -c -2 "$work/run" >"$work/cut"
expect 1 'logdiff: it finds a log cut before its last line end' "$logdiff" "$work/golden" "$work/cut"

# A file that is no log has its own status, and the message names it.
: >"$work/empty"
expect 2 'logdiff: it refuses an empty log' "$logdiff" "$work/golden" "$work/empty"
says "'$work/empty' is not a kernel's log" 'logdiff: an empty log: the message names the file'
printf 'GRUB loading.\r\n' >"$work/grub"
expect 2 'logdiff: it refuses a log with only GRUB in it' "$logdiff" "$work/golden" "$work/grub"
says ">> Control transferred to the kernel!" 'logdiff: only GRUB: the message names the missing line'
expect 2 'logdiff: it refuses a golden log without a kernel' "$logdiff" "$work/grub" "$work/run"
expect 2 'logdiff: it refuses a log that does not exist' "$logdiff" "$work/golden" "$work/nothing"
says "'$work/nothing' is not a file" 'logdiff: no log: the message says so'
expect 2 'logdiff: it refuses a directory' "$logdiff" "$work/golden" "$work"
expect 2 'logdiff: it refuses no arguments' "$logdiff"
says 'usage: ' 'logdiff: no arguments: the message shows the usage'
expect 2 'logdiff: it refuses one argument' "$logdiff" "$work/golden"
expect 2 'logdiff: it refuses three arguments' "$logdiff" "$work/golden" "$work/run" "$work/run"
expect 2 'logdiff: it refuses an unknown option' "$logdiff" --ignore "$work/run"
says "'--ignore'" 'logdiff: an unknown option: the message names it'

expect 0 'logdiff: it lists its rules' "$logdiff" --rules
for rule in $(printf '%s\n' "$output" | sed 's/ .*//'); do
    # Without a rule another run must differ: every rule is needed and tested.
    sed "/^$rule /d" "$logdiff" >"$work/logdiff-less"
    expect 1 "logdiff: the rule $rule is needed" sh "$work/logdiff-less" "$work/last" "$work/run"
done
expect 0 'logdiff: it works without a rule' sh "$work/logdiff-less" "$work/last" "$work/last"

done_testing
