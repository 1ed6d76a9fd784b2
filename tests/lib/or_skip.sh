# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# For tests that need Debian's archive.
#
#   or_skip COMMAND...   runs COMMAND, with its messages on stderr. Status 77 means that the archive
#                        lacks something, and skips the whole test, with COMMAND's last line as the
#                        reason; any other status but 0 fails the test
or_skip() {
    or_skip_log=$(mktemp)
    or_skip_status=$({ { "$@" 2>&1 >/dev/null || echo $? >&3; } | tee "$or_skip_log" >&2; } 3>&1)
    or_skip_why=$(tail -n 1 "$or_skip_log")
    rm -f "$or_skip_log"
    case $or_skip_status in
    '') ;;
    77)
        echo "1..0 # SKIP $or_skip_why"
        exit 0
        ;;
    *)
        echo "not ok 1 - $*"
        echo "# it ended with status $or_skip_status: $or_skip_why"
        echo "1..1"
        exit 1
        ;;
    esac
}
