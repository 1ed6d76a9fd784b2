#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Pairs of a writer and a reader, or of a sender and a receiver, on real Xen, one line of the table
# each.
#
#   lab/run tests/scenarios/pairs.sh [SET|NAME...]
#
#   SET     first (the default), more, iso, rounds
#   NAME    that pair alone
#
# The table is tests/scenarios/pairs.table.
# Writes TAP; exit status 0 if all passed.
# shellcheck source=tests/lib/pair.sh
. tests/lib/pair.sh

# create ROLE KIND WORDS SETTING: creates the domain $ROLE$number.
create() {
    case $2 in
    pvh*)
        create_role=${2#pvh:}
        [ "$create_role" != pvh ] || create_role=$1
        set -- "$1" "$4" "cfg/pvh-$create_role.cfg" 'kernel="/lab/build/xenolith.elf"' \
            "cmdline=\"role=$create_role $3\""
        ;;
    hvm) set -- "$1" "$4" "cfg/$1.cfg" "iso=/lab/build/$1.iso" ;;
    esac
    role=$1
    case $2 in
    -) ;;
    shipped) set -- "$@" "$shipped" ;;
    *) set -- "$@" "$2" ;;
    esac
    shift 2
    lab_create "$role$number" "$@"
}

# fill TEXT: prints it with the two domain ids.
fill() { printf %s "$1" | sed "s/@W/$w/g; s/@R/$r/g"; }

# Creates both guests of the line that was read.
create_pair() {
    number=$((number + 1))
    next=$(($(last_domid) + 1))
    # A destroyed domain's id is not used again soon.
    [ $next -gt "${used:-0}" ] || next=$((used + 1))
    used=$((next + 1))
    case $first in
    w)
        w=$next r=$used
        create writer "$writer" "$(fill "$wwords")" "$setting"
        create reader "$reader" "$(fill "$rwords")" "$setting"
        ;;
    r)
        w=$used r=$next
        create reader "$reader" "$(fill "$rwords")" "$setting"
        create writer "$writer" "$(fill "$wwords")" "$setting"
        ;;
    esac
}

judge_pair() {
    started=$(date +%s)
    verdicts=$(fill "$verdicts")
    check "$name: the writer ends in ${verdicts%;*}" ends "writer$number" "${verdicts%;*}"
    check "$name: the reader ends in ${verdicts##*;}" ends "reader$number" "${verdicts##*;}"
    [ "$log" = - ] || check "$name: the writer logs '$log'" logged "writer$number" "$log"
    diag "$name: $(($(date +%s) - started)) s after creation"
}

[ $# != 0 ] || set -- first
grep -v '^#' tests/scenarios/pairs.table >"$work/table"
for wanted; do
    cut -d '|' -f 1,2 "$work/table" | tr '|' '\n' | grep -qxF "$wanted" ||
        die 2 "'$wanted': expected a set or a pair of tests/scenarios/pairs.table"
done
wanted=" $* "
number=0
while IFS='|' read -r set name first writer wwords reader rwords verdicts log setting; do
    case $wanted in *" $set "* | *" $name "*) ;; *) continue ;; esac
    create_pair
    judge_pair
    lab_destroy "writer$number" "reader$number"
done <"$work/table"
done_testing
