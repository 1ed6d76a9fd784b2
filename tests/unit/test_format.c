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

static const char flag_letters[] = "-+ #0";

/* The flags of bit set `set`, which must also be in `allowed`, as text. */
static const char *flag_text(unsigned int set)
{
    static char text[sizeof(flag_letters)];
    size_t used = 0;

    for (size_t i = 0; i < sizeof(flag_letters) - 1; i++)
        if (set & 1u << i)
            text[used++] = flag_letters[i];
    text[used] = '\0';
    return text;
}

static const char *const widths[] = {"", "1", "4", "11", "30", "*"};
static const char *const precisions[] = {"", ".", ".0", ".1", ".3", ".12", ".30", ".*"};
static const int stars[] = {0, 1, 9, -1, -9};

static const struct {
    const char *text;
    bool wide; /* 64 bits */
} lengths[] = {
    {"hh", false}, {"h", false}, {"", false}, {"l", true},
    {"ll", true},  {"j", true},  {"z", true}, {"t", true},
};

static const long long values[] = {
    0,     1,          7,          -1,         42,         -42,
    127,   128,        255,        256,        -128,       -129,
    32767, 32768,      65535,      -32768,     0x7fffffff, -0x80000000LL,
    -9999, 0x80000000, 0xffffffff, 0xabcdef12, LONG_MAX,   LONG_MIN,
};

static void integers_match_libc(void **state)
{
    static const char letters[] = "diuoxX";
    unsigned int compared = 0;

    (void)state;
    for (size_t i = 0; i < 32 * COUNT(widths) * COUNT(precisions) * COUNT(lengths); i++) {
        const char *flags = flag_text(i % 32);
        const char *width = widths[i / 32 % COUNT(widths)];
        const char *precision = precisions[i / 32 / COUNT(widths) % COUNT(precisions)];
        size_t length = i / 32 / COUNT(widths) / COUNT(precisions);
        bool star_width = *width == '*', star_precision = precision[0] && precision[1] == '*';

        for (const char *letter = letters; *letter; letter++) {
            char text[32];

            snprintf(text, sizeof(text), "<%%%s%s%s%s%c>", flags, width, precision,
                     lengths[length].text, *letter);
            for (size_t v = 0; v < COUNT(values); v++, compared++) {
                long long value = lengths[length].wide ? values[v] : (int)values[v];
                int star = stars[compared % COUNT(stars)],
                    other = stars[compared / 5 % COUNT(stars)];

                if (star_width && star_precision)
                    compare(text, star, other, value);
                else if (star_width || star_precision)
                    compare(text, star, value);
                else
                    compare(text, value);
            }
        }
    }
    assert_true(compared > 1000000);
}

static void strings_match_libc(void **state)
{
    static const char *const texts[] = {"", "x", "granted", "a longer text than most widths"};

    (void)state;
    for (size_t i = 0; i < 2 * COUNT(widths) * COUNT(precisions) * COUNT(texts); i++) {
        const char *width = widths[i / 2 % COUNT(widths)];
        const char *precision = precisions[i / 2 / COUNT(widths) % COUNT(precisions)];
        const char *value = texts[i / 2 / COUNT(widths) / COUNT(precisions)];
        bool star_width = *width == '*', star_precision = precision[0] && precision[1] == '*';
        char text[32];

        snprintf(text, sizeof(text), "<%%%s%s%ss>", flag_text(i % 2), width, precision);
        for (size_t s = 0; s < COUNT(stars); s++) {
            if (star_width && star_precision)
                compare(text, stars[s], stars[(s + 2) % COUNT(stars)], value);
            else if (star_width || star_precision)
                compare(text, stars[s], value);
            else
                compare(text, value);
        }
    }
}

static void characters_pointers_and_percent_match_libc(void **state)
{
    int here;

    (void)state;
    for (size_t i = 0; i < 2 * (COUNT(widths) - 1); i++) {
        char text[32];

        for (int byte = 0; byte < 256; byte++) {
            snprintf(text, sizeof(text), "<%%%s%sc>", flag_text(i % 2), widths[i / 2]);
            compare(text, byte);
        }
        snprintf(text, sizeof(text), "<%%%s%sp>", flag_text(i % 2), widths[i / 2]);
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
    assert_int_equal(format(buffer, sizeof(buffer), "%.4s", unterminated), 4);
    assert_string_equal(buffer, "Xen!");
    free(unterminated);
}

static void every_size_cuts_like_libc(void **state)
{
    (void)state;
    compare_cut("plain text without a conversion");
    compare_cut("%-12s|%12s|", "left", "right");
    compare_cut("%+08d %#x %#o %.12d", 42, 0xbeef, 0777, 7);
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

static void unknown_conversion_ends_conversion(void **state)
{
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"%d %q %d", "1 %q %d"},     {"%d %f", "1 %f"},           {"%d %ls", "1 %ls"},
        {"%d %lc", "1 %lc"},         {"%d %n", "1 %n"},           {"%1$d %d", "%1$d %d"},
        {"%d %Lf", "1 %Lf"},         {"%d %'d", "1 %'d"},         {"%d %", "1 %"},
        {"%d %-08.3l", "1 %-08.3l"}, {"%d %hhs %d", "1 %hhs %d"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        expect((int)strlen(cases[i].wanted), cases[i].wanted, cases[i].text, 1, 2, 3);
}

static void length_saturates(void **state)
{
    static const char spaces[] = "               ", zeros[] = "000000000000000";

    (void)state;
    expect(INT_MAX, spaces, "%*d", INT_MAX, 1);
    expect(INT_MAX, spaces, "%*d%*d", INT_MAX, 1, INT_MAX, 1);
    expect(INT_MAX, zeros, "%.*d-", INT_MAX, 1);
    expect(INT_MAX, "1              ", "%*d", INT_MIN, 1);
    expect(INT_MAX, spaces, "%99999999999999999999d", 1);
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
        cmocka_unit_test(unknown_conversion_ends_conversion),
        cmocka_unit_test(length_saturates),
        cmocka_unit_test(why_says_and_cuts),
    };

    return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
