/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <limits.h>

#include "lib/error.h"
#include "lib/format.h"

/* The formats are made up at run time. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

#define TEXT_SIZE 400

/* Compares with libc for the given buffer size; the buffer ends where its allocation ends. */
static void compare_sized(size_t size, const char *text, va_list arguments)
{
    char wanted[TEXT_SIZE], *got = malloc(size ? size : 1);
    va_list copy;
    int wanted_length, length;

    va_copy(copy, arguments);
    memset(wanted, '?', sizeof(wanted));
    wanted_length = vsnprintf(wanted, size, text, copy);
    va_end(copy);
    va_copy(copy, arguments);
    memset(got, '?', size ? size : 1);
    length = format_v(got, size, text, copy);
    va_end(copy);

    require(length == wanted_length, "\"%s\" into %zu bytes: length %d, expected %d", text, size,
            length, wanted_length);
    require(!memcmp(got, wanted, size), "\"%s\" into %zu bytes: \"%.*s\", expected \"%s\"", text,
            size, (int)size, got, wanted);
    if (!size)
        assert_int_equal(got[0], '?');
    free(got);
}

static void compare(const char *text, ...)
{
    va_list arguments;

    va_start(arguments, text);
    compare_sized(TEXT_SIZE, text, arguments);
    va_end(arguments);
}

static void compare_cut(const char *text, ...)
{
    for (size_t size = 0; size < 48; size++) {
        va_list arguments;

        va_start(arguments, text);
        compare_sized(size, text, arguments);
        va_end(arguments);
    }
}

static const char *const flags[] = {"", "0", "#", "#0"};
static const char *const widths[] = {"", "1", "4", "11", "16", "30"};
static const char *const lengths[] = {"", "l", "z"};

static const long values[] = {
    0,     1,          7,          -1,         42,       -42,      127,    128,        255,
    256,   -128,       -129,       32767,      32768,    65535,    -32768, 0x7fffffff, -0x80000000L,
    -9999, 0x80000000, 0xffffffff, 0xabcdef12, LONG_MAX, LONG_MIN,
};

static void integers_match_libc(void **state)
{
    unsigned int compared = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(flags) * COUNT(widths) * COUNT(lengths); i++) {
        const char *flag = flags[i % COUNT(flags)];
        const char *width = widths[i / COUNT(flags) % COUNT(widths)];
        const char *length = lengths[i / COUNT(flags) / COUNT(widths)];

        for (const char *letter = *flag == '#' ? "x" : "dux"; *letter; letter++) {
            char text[32];

            snprintf(text, sizeof(text), "<%%%s%s%s%c>", flag, width, length, *letter);
            for (size_t v = 0; v < COUNT(values); v++, compared++) {
                if (*length)
                    compare(text, values[v]);
                else
                    compare(text, (int)values[v]);
            }
        }
    }
    assert_true(compared > 3000);
}

static void strings_match_libc(void **state)
{
    static const char *const texts[] = {"", "x", "granted", "a longer text than most widths"};
    static const int limits[] = {0, 1, 9, -1, -9};
    char text[32];

    (void)state;
    for (size_t i = 0; i < COUNT(widths) * COUNT(texts); i++) {
        const char *width = widths[i % COUNT(widths)], *value = texts[i / COUNT(widths)];

        snprintf(text, sizeof(text), "<%%%ss>", width);
        compare(text, value);
        snprintf(text, sizeof(text), "<%%%s.*s>", width);
        for (size_t limit = 0; limit < COUNT(limits); limit++)
            compare(text, limits[limit], value);
    }
}

static void characters_pointers_and_percent_match_libc(void **state)
{
    int here;

    (void)state;
    for (size_t i = 0; i < COUNT(widths); i++) {
        char text[32];

        for (int byte = 0; byte < 256; byte++) {
            snprintf(text, sizeof(text), "<%%%sc>", widths[i]);
            compare(text, byte);
        }
        snprintf(text, sizeof(text), "<%%%sp>", widths[i]);
        compare(text, (void *)&here);
        compare(text, (void *)1);
        compare(text, (void *)UINTPTR_MAX);
    }
    compare("100%%");
    compare("%%%d%%", 5);
    compare("");
    compare("plain");
    compare("%s %d %s %lu %c%s", "mixed", -3, "arguments", 1ul << 40, '!', "");
    compare("%d %d %d %d %d %d %d %d", 1, 2, 3, 4, 5, 6, 7, 8); /* past the argument registers */
}

static void precision_bounds_what_is_read(void **state)
{
    char *unterminated = malloc(4), buffer[16];

    (void)state;
    memcpy(unterminated, "Xen!", 4);
    assert_int_equal(format(buffer, sizeof(buffer), "%.*s", 4, unterminated), 4);
    assert_string_equal(buffer, "Xen!");
    free(unterminated);
}

static void every_size_cuts_like_libc(void **state)
{
    (void)state;
    compare_cut("plain text without a conversion");
    compare_cut("%s|%12s|", "left", "right");
    compare_cut("%08d %#x %#lx %8u", 42, 0xbeef, 0777l, 7);
    compare_cut("%30s", "padding alone fills it");
    compare_cut("%c%%%c", 'a', 'b');
}

/* Without the compiler's format check, which would object to some of what follows. */
static void expect(int wanted_length, const char *wanted, const char *text, ...)
{
    char buffer[16];
    va_list arguments;

    va_start(arguments, text);
    assert_int_equal(format_v(buffer, sizeof(buffer), text, arguments), wanted_length);
    va_end(arguments);
    assert_string_equal(buffer, wanted);
}

static void null_pointers_print(void **state)
{
    (void)state;
    expect(8, "<(null)>", "<%s>", NULL);
    expect(3, "0x0", "%p", NULL);
}

static void what_belongs_to_another_conversion_is_ignored(void **state)
{
    (void)state;
    expect(4, "<ab>", "<%#0ls>", "ab");
    expect(3, "<A>", "<%lc>", 'A');
    expect(4, "<10>", "<%#u>", 10);
}

static void unknown_conversion_ends_conversion(void **state)
{
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"%d %q %d", "1 %q %d"}, {"%d %f", "1 %f"},         {"%d %-d", "1 %-d"},
        {"%d %+d", "1 %+d"},     {"%d %n", "1 %n"},         {"%1$d %d", "%1$d %d"},
        {"%d %Lf", "1 %Lf"},     {"%d %'d", "1 %'d"},       {"%d %", "1 %"},
        {"%d %08l", "1 %08l"},   {"%d %hd %d", "1 %hd %d"}, {"%d %.3d", "1 %.3d"},
        {"%d %*d", "1 %*d"},     {"%d %o", "1 %o"},         {"%d %lld", "1 %lld"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        expect((int)strlen(cases[i].wanted), cases[i].wanted, cases[i].text, 1, 2, 3);
}

static void length_saturates(void **state)
{
    static const char spaces[] = "               ", zeros[] = "000000000000000";

    (void)state;
    expect(INT_MAX, spaces, "%2147483640d%2147483640d", 1, 1);
    expect(INT_MAX, zeros, "%02147483640d%2147483640d", 1, 1);
}

static void why_says_and_cuts(void **state)
{
    struct error err;

    (void)state;
    assert_false(fail(&err, XEN_EINVAL, "tag %u ends %u bytes past the end", 6u, 3u));
    assert_string_equal(err.text, "tag 6 ends 3 bytes past the end");
    assert_false(fail(&err, XEN_EINVAL, "%0300d", 1));
    assert_int_equal(strlen(err.text), ERROR_SIZE - 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_match_libc),
        cmocka_unit_test(strings_match_libc),
        cmocka_unit_test(characters_pointers_and_percent_match_libc),
        cmocka_unit_test(precision_bounds_what_is_read),
        cmocka_unit_test(every_size_cuts_like_libc),
        cmocka_unit_test(null_pointers_print),
        cmocka_unit_test(what_belongs_to_another_conversion_is_ignored),
        cmocka_unit_test(unknown_conversion_ends_conversion),
        cmocka_unit_test(length_saturates),
        cmocka_unit_test(why_says_and_cuts),
    };

    return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
