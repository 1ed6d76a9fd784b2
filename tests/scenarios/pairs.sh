#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Pairs of a writer and a reader on real Xen, one line of the table each.
#
#   lab/run tests/scenarios/pairs.sh [SET...]       SET: first (the default), more, iso, rounds
#
# A line: SET | NAME | FIRST | WRITER | ITS WORDS | READER | ITS WORDS | VERDICTS | LOG | SETTING
#   FIRST    w or r: who is created first
#   WRITER, READER   pvh, or hvm: from build/writer.iso, build/reader.iso, as they are
#   WORDS    of the command line; @W and @R are the two domain ids
#   VERDICTS two regexes that the RESULT lines must match, the writer's and the reader's, by a ;
#   LOG      a regex that the writer's log must hold, or -
#   SETTING  for both xl configurations, or -; shipped: they end as cfg/ has it, not kept
# Writes TAP; exit status 0 if all passed.
# shellcheck source=tests/lib/pair.sh
. tests/lib/pair.sh

table() {
    cat <<'END'
first|explicit domain ids|w|pvh|peer=@R|pvh|peer=@W gref=8|PASS;PASS|reader mapped|-
first|auto, writer first|w|pvh||pvh||PASS;PASS|the reader acknowledged|-
first|as cfg/ has it: destroyed at the end|w|pvh||pvh||PASS;PASS|the reader acknowledged|shipped
more|auto, reader first|r|pvh||pvh||PASS;PASS|the reader acknowledged|-
more|explicit, reader first|r|pvh|peer=@R|pvh|peer=@W gref=8|PASS;PASS|reader unmapped|-
more|the reader knows the writer|w|pvh||pvh|peer=@W|PASS;PASS|-|-
more|by copy|w|pvh||pvh|access=copy|PASS;PASS|-|-
more|16 references in one hypercall|w|pvh|grants=16|pvh|pages=16|PASS;PASS|16 references in all|-
more|one reference too many|r|pvh|grants=4 wait=5|pvh|pages=5|FAIL .waited 5 seconds for domain @R to read;FAIL .reference 12 of domain @W: GNTST_|-|-
more|600 live references|w|pvh|grants=600|pvh||PASS;PASS|600 references in all, 2 of |-
more|the whole table|w|pvh|grants=32760|pvh||PASS;PASS|32760 references in all, 64 of 64 |-
more|one more than the table holds|w|pvh|grants=32761|pvh|wait=5|FAIL .no grant references left: all 32760 of 64 frames;FAIL .the writer, domain @W, went away before it granted anything|-|-
more|max_grant_frames=1|w|pvh|grants=504|pvh||PASS;PASS|504 references in all, 1 of 1 |max_grant_frames=1
more|max_grant_frames=1 and one reference more|w|pvh|grants=505|pvh|wait=5|FAIL .no grant references left: all 504 of 1 frames;FAIL .the writer, domain @W, went away before it granted anything|-|max_grant_frames=1
rounds|1,000 rounds|w|pvh|rounds=1000|pvh||PASS;PASS|Rounds: 1000, hypercalls in each|-
iso|both from their ISOs|w|hvm||hvm||PASS;PASS|the reader acknowledged|shipped
iso|PVH writer, HVM reader|w|pvh|wait=300|hvm||PASS;PASS|the reader acknowledged|-
iso|HVM writer, PVH reader|r|hvm||pvh|wait=300|PASS;PASS|the reader acknowledged|-
END
}

kernel='kernel="/lab/build/xenolith.elf"'
wanted=" ${*:-first} "
number=0

# create ROLE KIND WORDS SETTING: a domain $ROLE$number
create() {
    case $2 in
    pvh) set -- "$1" "$4" "cfg/pvh-$1.cfg" "$kernel" "cmdline=\"role=$1 $3\"" ;;
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

table >"$lab_logs/table"
while IFS='|' read -r set name first writer wwords reader rwords verdicts log setting; do
    case $wanted in *" $set "*) ;; *) continue ;; esac
    number=$((number + 1))
    next=$(($(last_domid) + 1))
    # A destroyed domain's id is not used again soon.
    [ $next -gt "${used:-0}" ] || next=$((used + 1))
    used=$((next + 1))
    case $first in
    w) w=$next r=$used ;;
    r) w=$used r=$next ;;
    esac
    fill() { printf %s "$1" | sed "s/@W/$w/g; s/@R/$r/g"; }
    if [ "$first" = w ]; then
        create writer "$writer" "$(fill "$wwords")" "$setting"
        create reader "$reader" "$(fill "$rwords")" "$setting"
    else
        create reader "$reader" "$(fill "$rwords")" "$setting"
        create writer "$writer" "$(fill "$wwords")" "$setting"
    fi
    started=$(date +%s)
    verdicts=$(fill "$verdicts")
    check "$name: the writer's verdict" ends "writer$number" "${verdicts%;*}"
    check "$name: the reader's verdict" ends "reader$number" "${verdicts##*;}"
    [ "$log" = - ] || check "$name: the writer says '$log'" \
        logged "writer$number" "$log"
    diag "$name: $(($(date +%s) - started)) s after creation"
    lab_destroy "writer$number" "reader$number"
done <"$lab_logs/table"
done_testing
