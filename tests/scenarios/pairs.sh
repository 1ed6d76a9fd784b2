#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Pairs of a writer and a reader on real Xen, one line of the table each.
#
#   lab/run tests/scenarios/pairs.sh [SET|NAME...]
#
#   SET     first (the default), more, iso, rounds
#   NAME    that pair alone
#
# A line: SET | NAME | FIRST | WRITER | ITS WORDS | READER | ITS WORDS | VERDICTS | LOG | SETTING
#   FIRST    w or r: who is created first
#   WRITER, READER   pvh, or hvm: from build/writer.iso, build/reader.iso, as they are
#   WORDS    of the command line; @W and @R are the two domain ids
#   VERDICTS two regexes that the RESULT lines must match, the writer's and the reader's, by a ;
#   LOG      a regex that the writer's log must match, or -
#   SETTING  for both xl configurations, or -; shipped: they end as in cfg/, and are not kept
# Writes TAP; exit status 0 if all passed.
# shellcheck source=tests/lib/pair.sh
. tests/lib/pair.sh

table() {
    cat <<'END'
first|explicit-ids|w|pvh|peer=@R|pvh|peer=@W gref=8|PASS;PASS|reader mapped|-
first|auto|w|pvh||pvh||PASS;PASS|the reader acknowledged|-
first|shipped|w|pvh||pvh||PASS;PASS|the reader acknowledged|shipped
more|auto-reader-first|r|pvh||pvh||PASS;PASS|the reader acknowledged|-
more|explicit-reader-first|r|pvh|peer=@R|pvh|peer=@W gref=8|PASS;PASS|reader unmapped|-
more|reader-knows-writer|w|pvh||pvh|peer=@W|PASS;PASS|-|-
more|copy|w|pvh||pvh|access=copy|PASS;PASS|-|-
more|16-references|w|pvh|grants=16|pvh|pages=16|PASS;PASS|16 references in all|-
more|reference-too-many|r|pvh|grants=4 wait=5|pvh|pages=5|FAIL .waited 5 seconds for domain @R to read;FAIL .reference 12 of domain @W: GNTST_|-|-
more|600-references|w|pvh|grants=600|pvh||PASS;PASS|600 references in all, 2 of |-
more|full-table|w|pvh|grants=32760|pvh||PASS;PASS|32760 references in all, 64 of 64 |-
more|overfull-table|w|pvh|grants=32761|pvh|wait=5|FAIL .no grant references left: all 32760 of 64 frames;FAIL .the writer, domain @W, went away before it granted anything|-|-
more|full-frame|w|pvh|grants=504|pvh||PASS;PASS|504 references in all, 1 of 1 |max_grant_frames=1
more|overfull-frame|w|pvh|grants=505|pvh|wait=5|FAIL .no grant references left: all 504 of 1 frames;FAIL .the writer, domain @W, went away before it granted anything|-|max_grant_frames=1
rounds|1000-rounds|w|pvh|rounds=1000|pvh||PASS;PASS|Rounds: 1000, hypercalls in each|-
iso|isos|w|hvm||hvm||PASS;PASS|the reader acknowledged|shipped
iso|pvh-writer|w|pvh|wait=300|hvm||PASS;PASS|the reader acknowledged|-
iso|hvm-writer|r|hvm||pvh|wait=300|PASS;PASS|the reader acknowledged|-
END
}

# create ROLE KIND WORDS SETTING: creates the domain $ROLE$number.
create() {
    case $2 in
    pvh)
        set -- "$1" "$4" "cfg/pvh-$1.cfg" 'kernel="/lab/build/xenolith.elf"' \
            "cmdline=\"role=$1 $3\""
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
table >"$work/table"
for wanted; do
    cut -d '|' -f 1,2 "$work/table" | tr '|' '\n' | grep -qxF "$wanted" ||
        die 2 "'$wanted': expected a set or a pair of the table in tests/scenarios/pairs.sh"
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
