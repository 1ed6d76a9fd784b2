# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# What a test gets from Debian's archive: what that does not give is skipped with the reason; what
# it gives and we fail on is a failure.
#
# or_skip COMMAND...
# Runs COMMAND, whose messages go to stderr. Its status 77 says that the archive does not give what
# it needs: the whole test is then skipped, with COMMAND's last line as the reason. With any other
# status than 0 the test ends as failed.
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
