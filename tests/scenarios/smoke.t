#!/bin/sh
# SPDX-License-Identifier: MIT
# The script of docs/ci.md boots this kernel as Xen's own smoke test boots XTF: the same call of
# QEMU, with QEMU's default CPU, on a Xen compiled from its source.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "$root"
# shellcheck source=tests/lib/or_skip.sh
. tests/lib/or_skip.sh
or_skip tools/build-xen.sh 4.17

# A tree like Xen's, with a stand-in for its console.exp: it runs TEST_CMD, and waits for BOOT_MSG
# and PASSED, or until Xen says that dom0 has ended.
mkdir -p "$work/tree/automation/scripts" "$work/tree/binaries"
awk '/^```sh$/ { on = 1; next } /^```/ { on = 0 } on' docs/ci.md \
    >"$work/tree/automation/scripts/qemu-smoke-xenolith.sh"
for xen in build/xen/4.17-patched/xen.elf build/xen/4.17-patched/xen.gz; do
    [ ! -f $xen ] || cp "$xen" "$work/tree/binaries/"
done
(cd "$work/tree/binaries" && if [ -f xen.gz ]; then gzip -d xen.gz; else mv xen.elf xen; fi)
ln -s "$root" "$work/tree/xenolith"
cat >"$work/tree/automation/scripts/console.exp" <<'END'
#!/bin/bash
eval "timeout 300 setpriv --pdeathsig KILL $TEST_CMD" </dev/null >"$TEST_LOG" 2>&1 &
for _ in $(seq 300); do
    grep -qa "$BOOT_MSG" "$TEST_LOG" && grep -qaE "$PASSED" "$TEST_LOG" && break
    grep -qa "Hardware Dom0 [a-z]*:\? " "$TEST_LOG" && break
    kill -0 $! 2>/dev/null || break
    sleep 1
done
kill $! 2>/dev/null
cat "$TEST_LOG"
grep -qa "$BOOT_MSG" "$TEST_LOG" && grep -qaE "$PASSED" "$TEST_LOG"
END
chmod +x "$work/tree/automation/scripts/"*
cd "$work/tree"
expect 0 'smoke: the self-test passes as dom0 of such a Xen' ./automation/scripts/qemu-smoke-xenolith.sh
# set -x shows this text, too, so the whole line counts, and one of the self-test's.
expect 0 'smoke: its verdict is in the log' grep -qaE '^>> RESULT: PASS.?$' smoke.serial
expect 0 'smoke: the log has its checks' grep -qaE '^ok 1 - ' smoke.serial
expect 1 'smoke: a kernel that fails is a failure' ./automation/scripts/qemu-smoke-xenolith.sh banana
says '>> RESULT: FAIL (bad value in "role=banana"' 'smoke: its verdict says why'
done_testing
