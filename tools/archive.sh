# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What scripts share that take something from Debian's archive: `. tools/archive.sh`, after
# tools/common.sh and its cache_work. apt's messages are collected in $work/apt.log.
#
#   archive_find                  finds the mirrors that this machine's apt uses, for archive_lists.
#                                 Status 1: there is none; $why says so
#   archive_lists TYPE SUITE...   fetches lists of these suites, of TYPE deb or deb-src, and sets
#                                 archive_apt to the options with which apt-get and apt-cache see
#                                 them alone, and nothing that is installed here. Status 0: a suite
#                                 that the mirror lacks has no packages
#   archive_download SUITE PACKAGE  downloads the newest version that the mirror really holds, and
#                                 sets archive_package to the file, below $work. Status 1: there is
#                                 none; apt's errors are on stderr, and $why has the reason
#   archive_errors                prints apt's errors on stderr. Status 0

archive_find() {
    archive_main=$(apt_mirror Debian)
    archive_security=$(apt_mirror Debian-Security)
    # shellcheck disable=SC2034 # for the caller
    why="apt knows no Debian mirror to ask for it (or its lists are empty: apt-get update)"
    [ -n "$archive_main" ]
}

archive_lists() {
    local type=$1 suite from keyring
    shift
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    [ -e "$keyring" ] || keyring=${keyring%.gpg}.pgp
    # shellcheck disable=SC2154 # cache_work sets $work
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

# An index may name what the pool no longer has.
# shellcheck disable=SC2034 # for the caller
archive_download() {
    local suite=$1 package=$2 version
    archive_find || return 1
    archive_lists deb "$suite" "$suite-security" "$suite-updates"
    for version in $(apt-cache "${archive_apt[@]}" show "$package" 2>>"$work/apt.log" |
        sed -n 's/^Version: //p' | sort -ruV); do
        rm -f "$work"/apt/*.deb
        if (cd "$work/apt" && apt-get "${archive_apt[@]}" download "$package=$version") \
            >>"$work/apt.log" 2>&1 &&
            archive_package=$(ls "$work/apt/$package"_*.deb 2>/dev/null); then
            return 0
        fi
        say "Debian names $package $version, but it is not to be had"
    done
    archive_errors
    why="its archive does not give it now"
    return 1
}

archive_errors() { sed -n 's/^\(E: \|Err:[0-9]* \)/    /p' "$work/apt.log" | sort -u | tail -n 10 >&2; }
