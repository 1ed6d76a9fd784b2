# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# What the project's scripts share, on the host and in dom0: `. tools/common.sh`.
#
# A signal ends the script with 128 and the signal's number, after what it does on EXIT. Messages
# begin with $script, the script's file name unless the script sets another.
#
#   say WORDS...              prints them on stderr. Status 0
#   die STATUS WORDS...       says them and ends the script with STATUS
#   show_help                 prints the comment at the head of the script. Status 0
#   make_work                 sets $work to a new folder, removed at the end. Status 1: it cannot
#   cache_folder PART         prints the path of that part of the cache. Status 0
#   cache_work FOLDER NAME    begins to make NAME in the cache's FOLDER, see there. Status 0, or dies
#   apt_mirror LABEL          prints the mirror of LABEL (Debian, Debian-Security) that this
#                             machine's apt uses, or nothing. Status 0
#   copy_sources FOLDER       copies the project, whose root is the current folder, into FOLDER:
#                             what git tracks; without git, everything but build/. Status 0
#   apt_proxy                 prints the proxy that apt uses, or nothing. Status 0

trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

script=${0##*/}

say() { printf '%s: %s\n' "$script" "$*" >&2; }

die() {
    die_status=$1
    shift
    say "$*"
    exit "$die_status"
}

show_help() { awk 'NR > 3 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"; }

make_work() {
    work=$(mktemp -d) || return 1
    trap 'rm -rf "$work"' EXIT
}

cache_folder() { echo "${XENOLITH_CACHE:-$HOME/.cache/xenolith}/$1"; }

# Waits, 30 minutes at most, until no other process makes NAME in FOLDER; holds the lock on
# descriptor 9; sets $work to an empty folder in FOLDER. However the script ends, $work goes, so
# nothing half-made stays.
cache_work() {
    mkdir -p "$1" || die 1 "cannot make the folder $1: make it writable, or set XENOLITH_CACHE to another"
    exec 9>"$1/$2.lock"
    if ! flock -n 9; then
        say "waiting for another process that makes $2 in $1"
        flock -w 1800 9 || die 1 "waited 30 minutes for another process that makes $2 in $1"
    fi
    # Whoever holds the lock owns what others did not finish.
    rm -rf "$1/$2".tmp.*
    work=$(mktemp -d "$1/$2.tmp.XXXXXX") || die 1 "cannot make a folder in $1 (mktemp's message is above)"
    trap cache_finish EXIT
}

# A full disk makes many commands fail. Name it, and let no test skip it.
# shellcheck disable=SC2317 # called by the trap
cache_finish() {
    cache_status=$?
    cache_left=$(df -kP "$work" | awk 'NR == 2 { print $4 }')
    rm -rf "$work"
    if [ "$cache_status" != 0 ] && [ "${cache_left:-0}" -lt 65536 ]; then
        say "no space left in ${work%/*} ($((cache_left / 1024)) MiB):" \
            "make room, or set XENOLITH_CACHE to another folder"
        [ "$cache_status" != 77 ] || exit 1
    fi
}

copy_sources() {
    { git ls-files 2>/dev/null || find . -name build -prune -o ! -type d -print; } |
        cpio --quiet -pdm "$1"
}

apt_mirror() {
    # shellcheck disable=SC2016 # apt's own variables
    { apt-get indextargets --format '$(LABEL) $(COMPONENT) $(REPO_URI)' "Created-By: Packages" \
        2>/dev/null || :; } | sed -n "/^$1 main /{s///p;q;}"
}

apt_proxy() { apt-config dump --format '%v%n' Acquire::http::Proxy 2>/dev/null || :; }
