# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# What scenarios share that do something to a running guest; sources tests/lib/pair.sh.
# shellcheck source=tests/lib/pair.sh
. tests/lib/pair.sh

# create NAME KIND WORDS [SETTING...]: creates a guest whose role and keys are WORDS: pvh, or hvm,
# from build/ROLE.iso, which takes no other words than the role.
create() {
    create_name=$1 create_kind=$2 create_words=$3
    shift 3
    case $create_kind in
    hvm) lab_create "$create_name" cfg/none.cfg "iso=/lab/build/$create_words.iso" 'vga="none"' "$@" ;;
    pvh)
        lab_create "$create_name" cfg/pvh.cfg 'kernel="/lab/build/xenolith.elf"' \
            "cmdline='role=$create_words'" "$@"
        ;;
    esac
}

# control NAME: prints the path of the guest's control/shutdown
control() { echo "/local/domain/$(xl domid "$1")/control/shutdown"; }
