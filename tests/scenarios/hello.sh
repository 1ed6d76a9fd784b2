# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# Scenario for a patched Xen that is started with its own log levels: hello of assignment_3 is what
# the header says, and costs none of the tokens that limit Xen's other messages.
# shellcheck source=lab/lib.sh
. lab/lib.sh
# shellcheck source=tests/lib/tap.sh
. tests/lib/tap.sh

# hello COUNT: dom0 says hello so often; $log is what Xen then has in its log.
hello() {
    xl dmesg -c >/dev/null
    output=$(/lab/build/dom0/assignment flood "$1")
    is $? 0 "dom0: it says hello $1 times"
    log=$(xl dmesg)
}
# lines TEXT: how many lines of $log have it.
lines() { printf '%s\n' "$log" | grep -c "$1"; }

hello 1000
is "$(lines 'assignment_3: hello')" 0 'Xen, at its default level: it logs no hello'

# Now a message of this level is shown, and takes a token.
check 'xl: it sets the level' xl set-parameters guest_loglvl=none/info
sleep 2
hello 1
is "$(lines 'assignment_3: hello from d0')" 1 'Xen, at level info: it logs hello'
is "$(lines 'messages suppressed')" 0 'Xen: the thousand before took no token'
done_testing
