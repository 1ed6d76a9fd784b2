#!/bin/sh
# SPDX-License-Identifier: MIT
# Spin searches every order of steps of the two ends of a vchan (tests/models/vchan.pml), and finds
# an error in each model that leaves out a step.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
model=$root/tests/models/vchan.pml
cd "$work"

# build FLAGS -D...: makes ./pan, the search of the model so defined, with the C compiler's FLAGS.
build() {
    build_flags=$1
    shift
    rm -f pan.c pan
    # The compiler's own words about Spin's code are of no use here.
    if ! spin -a "$@" "$model" >spin.log 2>&1 || [ ! -f pan.c ]; then
        cat spin.log >&2
        return 1
    fi
    # shellcheck disable=SC2086 # a list
    ${CC:-cc} -O2 -w $build_flags -o pan pan.c
}

# search OPTIONS...: runs ./pan; succeeds if it searched everything and found no error.
# shellcheck disable=SC2317 # expect calls it
search() {
    timeout 600 ./pan -m1000000 "$@" >pan.log 2>&1 || { cat pan.log; return 2; }
    cat pan.log
    grep -q 'errors: 0$' pan.log || return 1
    ! grep -q -e 'max search depth too small' -e 'Search not completed' pan.log
}

states() { sed -nE 's/^ *([0-9]+) states, stored.*/\1 states/p' pan.log; }

# safe SIZE TOTAL: searches for deadlocks and broken assertions.
safe() {
    build '-DSAFETY -DNOCLAIM' "-DSIZE=$1" "-DTOTAL=$2"
    expect 0 "vchan: no overrun, loss or deadlock with $2 bytes in a ring of $1" search
    diag "$(states)"
}
safe 2 9
safe 4 6

build '-DNFAIR=5'
expect 0 'vchan: both ends end if each gets its turn' search -a -f
diag "$(states)"

# wrong NAME ERROR WHAT: the model that does WHAT is found out.
wrong() {
    build '-DSAFETY -DNOCLAIM' "-DWRONG_$1"
    expect 1 "an end that $3: found out" search
    says "$2" "an end that $3: as '$2'"
}
wrong NO_ASK 'invalid end state' 'sleeps without asking'
wrong NO_SECOND_LOOK 'invalid end state' 'asks and does not look again'
wrong SLEEPS_UNTOLD 'invalid end state' 'sleeps before it tells the other'
wrong UNLOCKED_ASKED 'invalid end state' 'looks who asked before its index is out'
wrong LIVE_AFTER_READY 'assertion violated (received==sent)' 'looks at the live flag last'
wrong ONE_MORE 'assertion violated (ring[' 'takes the ring for a byte larger'

done_testing
