#!/bin/sh
# SPDX-License-Identifier: MIT
# The documents: every file and function that they name exists. CHANGELOG.md also tells of what is
# gone, and is left out.
#
# Checked are the words of code, between backquotes or indented by four blanks:
#   FOLDER/...          with FOLDER one of this tree's: the file, folder, pattern or module exists
#   FILE:FUNCTION()     FILE defines FUNCTION
#   FUNCTION()          some source defines it
# Words with NAME, VERSION or DOMAIN in them stand for any. Functions in the patch's README are
# Xen's.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

# words FILE: the words of code in it, each with its line number: LINE WORD
words() {
    awk '
        function split_words(code,    i, n, word) {
            n = split(code, word, /[ \t,;|]+/)
            for (i = 1; i <= n; i++)
                if (word[i] != "")
                    print NR, word[i]
        }
        /^    / { split_words($0); next }
        {
            n = split($0, piece, "`")
            for (i = 2; i <= n; i += 2)
                split_words(piece[i])
        }' "$1"
}

# defines FUNCTION FILE...: whether a file defines it, in C, as a macro, in assembly or in shell.
defines() {
    defines_name=$1
    shift
    grep -qE "^([a-z].*[ *])?$defines_name\(|^#define $defines_name\(|^$defines_name:" "$@"
}

# check TREE FILE: prints what FILE, in TREE, names and TREE does not have.
check() (
    cd "$1"
    sources=$(find . -name build -prune -o -name .git -prune -o \
        \( -name '*.[ch]' -o -name '*.asm' -o -name '*.sh' \) -print)
    words "$2" | while read -r line word; do
        case $word in
        *NAME* | *VERSION* | *DOMAIN*) continue ;;
        # GitHub's.
        'always()') continue ;;
        # Of Xen's own tree.
        xen/include/* | xen/common/* | xen/arch/* | xen/xsm/*) continue ;;
        tools/misc/* | tools/flask/* | tools/xentrace/*) continue ;;
        esac
        function=
        case $word in
        *'()')
            function=${word%'()'}
            file=
            case $function in
            *:*) file=${function%%:*} function=${function#*:} ;;
            esac
            if [ -n "$file" ]; then
                if [ ! -f "$file" ]; then
                    echo "$2:$line: $word: no file $file"
                elif ! defines "$function" "$file"; then
                    echo "$2:$line: $word: $file does not define $function"
                fi
            elif [ "$2" != xen/hypercall-patch/README.md ]; then
                # shellcheck disable=SC2086 # a list
                defines "$function" $sources || echo "$2:$line: $word: nothing defines $function"
            fi
            ;;
        lib/* | arch/* | boot/* | kernel/* | drivers/* | xen/* | user/* | roles/* | init/* | iso/* | cfg/* | \
            tools/* | lab/* | tests/* | docs/* | .ci/*)
            # shellcheck disable=SC2086 # a pattern
            set -- "$1" "$2" ${word%[.:]}
            [ -e "$3" ] || [ -e "$3.c" ] || echo "$2:$line: $word: no such file"
            ;;
        esac
    done
)

cd "$root"
for file in CONTRIBUTING.md README.md docs/*.md lab/README.md tests/README.md \
    xen/hypercall-patch/README.md; do
    [ -f "$file" ] || continue
    missing=$(check "$root" "$file")
    if [ -z "$missing" ]; then
        pass "$file: the files and functions that it names exist"
    else
        fail "$file: the files and functions that it names exist" "$missing"
    fi
done

# A tree of its own, to see that what is missing is found.
mkdir -p "$work/tree/xen" "$work/tree/lab"
cat >"$work/tree/xen/grant.c" <<'END'
bool grant_end(grant_ref_t ref)
static struct part *part_of(void)
#define round_up(x) (x)
    grant_used(ref);
END
echo 'lab_wait() {' >"$work/tree/lab/lib.sh"

# finds NAME LINE FOUND: in a document of this line, this is found, or nothing.
finds() {
    printf 'A line.\n\n%s\n' "$2" >"$work/tree/doc.md"
    finds_found=$(check "$work/tree" doc.md)
    if [ "$finds_found" = "${3:+doc.md:3: $3}" ]; then
        pass "the check finds $1"
    else
        fail "the check finds $1" "found: $finds_found"
    fi
}
# shellcheck disable=SC2016 # backquotes of a document
{
    finds 'nothing in a good document' \
        'See `xen/grant.c:grant_end()`, `part_of()`, `round_up()`, `lab_wait()`, `xen/*.c`, `xen/grant`, `xen/`.' ''
    finds 'nothing outside of code' 'xen/none.c and none()' ''
    finds 'a file that is missing' 'See `xen/none.c`.' 'xen/none.c: no such file'
    finds 'it in an indented line' '    $EDITOR xen/none.c   # edit' 'xen/none.c: no such file'
    finds 'it as an argument' 'Run `lab/lib.sh xen/none.c`.' 'xen/none.c: no such file'
    finds 'a pattern without a file' '`xen/*.h`' 'xen/*.h: no such file'
    finds 'a function that is missing' '`none()`' 'none(): nothing defines none'
    finds 'one that is only called' '`grant_used()`' 'grant_used(): nothing defines grant_used'
    finds 'one of another file' '`lab/lib.sh:grant_end()`' \
        'lab/lib.sh:grant_end(): lab/lib.sh does not define grant_end'
    finds "a function's file that is missing" '`xen/none.c:grant_end()`' \
        'xen/none.c:grant_end(): no file xen/none.c'
}

done_testing
