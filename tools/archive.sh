# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What scripts share that take something from Debian's archive and keep it in the cache; begins
# with `. tools/archive.sh`. They have a function `say WORDS...`.

# die STATUS WORDS...: says why, and ends the script.
die() {
    local status=$1
    shift
    say "$*"
    exit "$status"
}

# archive_work FOLDER NAME
# Waits until no other process makes NAME in FOLDER, and sets $work to an empty folder there.
# However the script ends, nothing half-made stays: $work goes with it. A full disk shows in many
# ways: it is named, and is nothing that a test may skip.
archive_work() {
    mkdir -p "$1" || die 1 "cannot make the folder $1: is it yours, or set XENOLITH_CACHE to another"
    exec 9>"$1/$2.lock"
    if ! flock -n 9; then
        say "waiting for another process that makes $2 in $1"
        flock -w 1800 9 || die 1 "waited 30 minutes for another process that makes $2 in $1"
    fi
    # Whoever holds the lock owns what others did not finish.
    rm -rf "$1/$2".tmp.*
    work=$(mktemp -d "$1/$2.tmp.XXXXXX")
    trap archive_finish EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
}
# shellcheck disable=SC2317 # called by the trap
archive_finish() {
    local status=$? left
    left=$(df -kP "$work" | awk 'NR == 2 { print $4 }')
    rm -rf "$work"
    if [ "$status" != 0 ] && [ "${left:-0}" -lt 65536 ]; then
        say "no space left in $(dirname "$work") ($((left / 1024)) MiB):" \
            "make room, or set XENOLITH_CACHE to another folder"
        [ "$status" != 77 ] || exit 1
    fi
}

# archive_find
# Finds the mirrors that this machine's apt uses, for archive_lists. Status 1: there is none; the
# reason is in $why.
archive_find() {
    # shellcheck disable=SC2016 # apt's own variables
    apt-get indextargets --format '$(LABEL) $(COMPONENT) $(REPO_URI)' "Created-By: Packages" \
        >"$work/targets" 2>"$work/apt.log" || :
    archive_main=$(sed -n 's/^Debian main //p' "$work/targets" | head -n 1)
    archive_security=$(sed -n 's/^Debian-Security main //p' "$work/targets" | head -n 1)
    # shellcheck disable=SC2034 # for the caller
    why="apt knows no Debian mirror to ask for it (or its lists are empty: apt-get update)"
    [ -n "$archive_main" ]
}

# archive_lists TYPE SUITE...
# Fetches lists of these suites, of TYPE deb or deb-src, into $work/apt, and sets archive_apt to the
# options with which apt-get and apt-cache see them alone: the machine's own sources, and what is
# installed on it, play no part. What apt says is added to $work/apt.log.
archive_lists() {
    local type=$1 suite from keyring
    shift
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    [ -e "$keyring" ] || keyring=${keyring%.gpg}.pgp
    rm -rf "$work/apt"
    mkdir -p "$work"/apt/lists/partial "$work"/apt/cache/archives/partial
    : >"$work/apt/status"
    for suite; do
        from=$archive_main
        case $suite in *-security) from=$archive_security ;; esac
        [ -z "$from" ] || echo "$type [signed-by=$keyring] $from $suite main"
    done >"$work/apt/sources.list"
    # A Release file that the mirror has not renewed in time is good enough.
    archive_apt=(-q -o APT::Architecture=amd64 -o APT::Architectures=amd64
        -o "Dir::Etc::sourcelist=$work/apt/sources.list"
        -o Dir::Etc::sourceparts=/dev/null -o "Dir::State::Lists=$work/apt/lists"
        -o "Dir::State::status=$work/apt/status"
        -o "Dir::Cache=$work/apt/cache" -o APT::Sandbox::User=root -o Acquire::Languages=none
        -o Acquire::Check-Valid-Until=false -o Acquire::Retries=2
        -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30)
    # One suite that is not there must not hide the others.
    apt-get "${archive_apt[@]}" update >>"$work/apt.log" 2>&1 || :
}

# What apt said, without its progress.
archive_errors() { sed -n 's/^\(E: \|Err:[0-9]* \)/    /p' "$work/apt.log" | sort -u | tail -n 10 >&2; }
