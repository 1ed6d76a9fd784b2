/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

/* Ours under the names they are compiled with, libc's under its own. */
#include "tests/unit/rename.h"

#include "lib/string.h"

#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp

#define SPAN 72 /* more than two of the steps that memcpy takes */

static int sign(int number)
{
    return (number > 0) - (number < 0);
}

static void fill(unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(i * 37 + 11);
}

static void memcpy_matches_libc(void **state)
{
    unsigned char from[2 * SPAN], got[2 * SPAN], wanted[2 * SPAN];

    (void)state;
    fill(from, sizeof(from));
    for (size_t at = 0; at < SPAN; at++) {
        for (size_t size = 0; size <= SPAN; size++) {
            memset(got, 0xaa, sizeof(got));
            memset(wanted, 0xaa, sizeof(wanted));
            assert_ptr_equal(xenolith_memcpy(got + at, from + at / 2, size), got + at);
            memcpy(wanted + at, from + at / 2, size);
            assert_memory_equal(got, wanted, sizeof(got));
        }
    }
}

static void memmove_matches_libc_when_overlapping(void **state)
{
    unsigned char got[2 * SPAN], wanted[2 * SPAN];

    (void)state;
    for (size_t from = 0; from < SPAN; from++) {
        for (size_t to = 0; to < SPAN; to++) {
            for (size_t size = 0; size <= SPAN; size++) {
                fill(got, sizeof(got));
                fill(wanted, sizeof(wanted));
                assert_ptr_equal(xenolith_memmove(got + to, got + from, size), got + to);
                memmove(wanted + to, wanted + from, size);
                assert_memory_equal(got, wanted, sizeof(got));
            }
        }
    }
}

static void memset_matches_libc(void **state)
{
    static const int bytes[] = {0, 1, 0x7f, 0x80, 0xff, -1, 0x1234};
    unsigned char got[SPAN + 1], wanted[SPAN + 1];

    (void)state;
    for (size_t i = 0; i < COUNT(bytes); i++) {
        for (size_t size = 0; size <= SPAN; size++) {
            fill(got, sizeof(got));
            fill(wanted, sizeof(wanted));
            assert_ptr_equal(xenolith_memset(got, bytes[i], size), got);
            memset(wanted, bytes[i], size);
            assert_memory_equal(got, wanted, sizeof(got));
        }
    }
}

static void memcmp_matches_libc(void **state)
{
    (void)state;
    for (int left = 0; left < 256; left++) {
        for (int right = 0; right < 256; right++) {
            unsigned char a[] = {'=', (unsigned char)left, 1};
            unsigned char b[] = {'=', (unsigned char)right, 2};

            for (size_t size = 0; size <= sizeof(a); size++)
                assert_int_equal(sign(xenolith_memcmp(a, b, size)), sign(memcmp(a, b, size)));
        }
    }
}

static void lengths_match_libc(void **state)
{
    (void)state;
    for (size_t length = 0; length <= SPAN; length++) {
        char *exact = malloc(length + 1);

        memset(exact, 'x', length);
        exact[length] = '\0';
        assert_int_equal(xenolith_strlen(exact), length);
        for (size_t limit = 0; limit <= SPAN + 2; limit++)
            assert_int_equal(xenolith_strnlen(exact, limit), strnlen(exact, limit));
        exact[length] = 'x'; /* the limit alone must stop it */
        assert_int_equal(xenolith_strnlen(exact, length + 1), length + 1);
        free(exact);
    }
}

static void comparisons_match_libc(void **state)
{
    static const char *const texts[] = {
        "",       "a",      "b",    "ab",   "abc", "abd",     "ab\x80",
        "ab\xff", "ab\x7f", "\x80", "\xff", "A",   "console",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts) * COUNT(texts); i++) {
        const char *left = texts[i / COUNT(texts)], *right = texts[i % COUNT(texts)];

        require(sign(xenolith_strcmp(left, right)) == sign(strcmp(left, right)),
                "strcmp of \"%s\" and \"%s\"", left, right);
        for (size_t limit = 0; limit <= 9; limit++)
            require(sign(xenolith_strncmp(left, right, limit)) == sign(strncmp(left, right, limit)),
                    "strncmp of \"%s\" and \"%s\", %zu bytes", left, right, limit);
    }
}

static void strncmp_stops_at_the_limit(void **state)
{
    char *left = malloc(3), *right = malloc(3);

    (void)state;
    memcpy(left, "Xen", 3);
    memcpy(right, "Xen", 3);
    assert_int_equal(xenolith_strncmp(left, right, 3), 0);
    free(left);
    free(right);
}

static void escape_table(void **state)
{
    static const struct {
        const char *from;
        size_t length, size;
        const char *wanted;
    } cases[] = {
        {"plain text", 10, 32, "plain text"},
        {"", 0, 1, ""},
        {"a\nb", 3, 32, "a\\x0ab"},
        {"\r\t\x1b[31m", 7, 32, "\\x0d\\x09\\x1b[31m"},
        {"back\\slash", 10, 32, "back\\x5cslash"},
        {"\"quotes' stay", 13, 32, "\"quotes' stay"},
        {"a\0b", 3, 32, "a\\x00b"},
        {"\x7f\x80\xff", 3, 32, "\\x7f\\x80\\xff"},
        {" ~", 2, 32, " ~"},
        {"exact", 5, 6, "exact"},
        {"exact", 5, 5, "e..."},
        {"longer than it", 14, 8, "long..."},
        {"a\nb", 3, 7, "a\\x0ab"},
        {"a\nb", 3, 6, "a..."}, /* never half an escape */
        {"abcd\n", 5, 8, "abcd..."},
        {"abcde\n", 6, 8, "abcd..."},
        {"text", 4, 4, "..."},
        {"text", 4, 3, ".."},
        {"text", 4, 2, "."},
        {"text", 4, 1, ""},
        {"\n", 1, 4, "..."},
        {"\n", 1, 5, "\\x0a"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *from = malloc(cases[i].length + !cases[i].length), *got = malloc(cases[i].size);

        memcpy(from, cases[i].from, cases[i].length);
        string_escape(got, cases[i].size, from, cases[i].length);
        require(!strcmp(got, cases[i].wanted), "case %zu: \"%s\", expected \"%s\"", i, got,
                cases[i].wanted);
        free(from);
        free(got);
    }
}

/* For random bytes and every size: what fits is a prefix of the whole, then the dots. */
static void escape_cuts_between_bytes(void **state)
{
    uint64_t seed = 1;

    (void)state;
    for (int round = 0; round < 200; round++) {
        char from[24], whole[4 * sizeof(from) + 1];

        for (size_t i = 0; i < sizeof(from); i++)
            from[i] = (char)(test_random(&seed) >> (test_random(&seed) & 1 ? 56 : 58));
        string_escape(whole, sizeof(whole), from, sizeof(from));
        for (size_t size = 1; size <= sizeof(whole); size++) {
            char *got = malloc(size);
            size_t length;

            string_escape(got, size, from, sizeof(from));
            length = strnlen(got, size);
            assert_true(length < size);
            for (size_t i = 0; i < length; i++)
                assert_true(got[i] >= ' ' && got[i] <= '~');
            if (size > strlen(whole)) {
                assert_string_equal(got, whole);
            } else if (size >= 4) {
                assert_string_equal(got + length - 3, "...");
                assert_memory_equal(got, whole, length - 3);
                assert_true(length - 3 + 4 + 3 >= size); /* no byte more would have fitted */
            }
            free(got);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(memcpy_matches_libc),
        cmocka_unit_test(memmove_matches_libc_when_overlapping),
        cmocka_unit_test(memset_matches_libc),
        cmocka_unit_test(memcmp_matches_libc),
        cmocka_unit_test(lengths_match_libc),
        cmocka_unit_test(comparisons_match_libc),
        cmocka_unit_test(strncmp_stops_at_the_limit),
        cmocka_unit_test(escape_table),
        cmocka_unit_test(escape_cuts_between_bytes),
    };

    return cmocka_run_group_tests_name("string", tests, NULL, NULL);
}
