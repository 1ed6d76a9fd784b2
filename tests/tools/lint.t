#!/bin/sh
# SPDX-License-Identifier: MIT
# Every source is formatted, has a licence, and passes the static checkers. `make fmt` formats.
# The tools' versions disagree: those of Debian 12 decide, and other versions skip the check.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "$root"

# Files that git tracks or would track; without git, everything outside build/.
{ git ls-files -co --exclude-standard 2>/dev/null ||
    find . -name .git -prune -o -path ./build -prune -o -type f -print | sed 's|^\./||'; } |
    while read -r file; do [ ! -f "$file" ] || echo "$file"; done | sort >"$work/files"

# each FILES COMMAND...: runs COMMAND on each of the files listed in FILES, two at a time.
# shellcheck disable=SC2317 # expect calls it
each() {
    each_files=$1
    shift
    xargs -P2 -n1 "$@" <"$each_files"
}

grep '\.[ch]$' "$work/files" >"$work/c"
# Below xen/hypercall-patch there may be handlers, which are part of Xen.
grep -E '^(lib|arch|boot|kernel|drivers|xen|user|roles|init)/.*\.c$' "$work/files" |
    grep -v '^xen/hypercall-patch/' >"$work/kernel"
while read -r file; do
    case $file in
    *.sh) echo "$file" ;;
    *) head -n 1 "$file" | tr -d '\0' | sed -nE "s|^#!.*[/ ](ba\|da\|k)?sh( .*)?\$|$file|p" ;;
    esac
done <"$work/files" >"$work/shell"

# pinned VERSION TOOL NAME: succeeds if TOOL has Debian 12's VERSION; else skips the check NAME.
pinned() {
    pinned_found=$("$2" --version | sed -nE 's/.*[^0-9.]([0-9]+\.[0-9]+)(\.[0-9]+)*.*/\1/p' | head -n 1)
    case $pinned_found in
    "$1" | "$1".*) ;;
    *)
        skip "$3" "$2 of Debian 12 is version $1, this is ${pinned_found:-unknown}"
        return 1
        ;;
    esac
}

if pinned 14 clang-format 'clang-format: C sources'; then
    expect 0 'clang-format: C sources' xargs clang-format --dry-run -Werror <"$work/c"
fi

if pinned 14 clang-tidy 'clang-tidy: the kernel'; then
    # The kernel's own flags; for its sanitizer runtime, the flags of the sanitised build.
    cflags=$(make -s --no-print-directory LLVM=1 print-cflags)
    cflags_sanitize=$(make -s --no-print-directory LLVM=1 SANITIZE=1 print-cflags)
    grep -v '^kernel/sanitizer\.c$' "$work/kernel" >"$work/tidy"
    # shellcheck disable=SC2016 # $0 is the inner shell's: the file
    expect 0 'clang-tidy: the kernel' \
        each "$work/tidy" sh -c 'clang-tidy --quiet "$0" -- '"$cflags"
    # shellcheck disable=SC2086 # many flags
    expect 0 'clang-tidy: the sanitizer runtime' \
        clang-tidy --quiet kernel/sanitizer.c -- $cflags_sanitize
fi

# Suppressed: conditions that depend on SANITIZE; the self-test's deliberate overflow; and buffers
# that a callee fills, which the compilers' and clang-tidy's own checks get right.
if pinned 2.10 cppcheck 'cppcheck: the kernel'; then
    expect 0 'cppcheck: the kernel' \
        cppcheck --quiet --error-exitcode=1 --std=c11 --platform=unix64 -I. -j2 \
        --enable=warning,style,performance,portability --inline-suppr \
        --suppress=knownConditionTrueFalse --suppress=uninitvar \
        --suppress=integerOverflow:roles/selftest/cpu.c \
        --file-list="$work/kernel"
fi

if pinned 0.9 shellcheck 'shellcheck: shell scripts'; then
    expect 0 'shellcheck: shell scripts' each "$work/shell" shellcheck -x
fi

xargs grep -n "^ *$(printf '\t')" <"$work/shell" >"$work/tabs" || :
expect 0 'shell scripts: indented by spaces' diff /dev/null "$work/tabs"

while read -r file; do
    case $file in
    LICENSE | VERSION | .gitignore | .clang-format | *.md | *.json | *.png | *.svg | *.patch) ;;
    tests/boot/golden/* | tests/fuzz/corpus/*) ;;
    debian/changelog | debian/copyright | debian/source/format) ;;
    tools/new-hypercall.d/handler.c.in) ;; # becomes part of Xen: GPL-2.0-only
    *) head -n 5 "$file" | grep -aq 'SPDX-License-Identifier: MIT' || echo "$file" ;;
    esac
done <"$work/files" >"$work/unlicensed"
expect 0 'SPDX-License-Identifier: MIT in the first lines of every source' \
    diff /dev/null "$work/unlicensed"

done_testing
