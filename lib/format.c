/* SPDX-License-Identifier: MIT */
#include "lib/format.h"

#include <stdbool.h>
#include <stdint.h>

#include "lib/string.h"

/* gcc's <limits.h> needs a C library's. */
#define INT_MAX __INT_MAX__
#define INT_MIN (-INT_MAX - 1)

/* `length` counts on where writing has stopped; it cannot wrap, as no single piece passes INT_MAX
 * but an %s, and that much memory does not exist. */
struct output {
    char *buffer;
    size_t size;
    size_t length;
};

struct conversion {
    bool left, plus, space, alternate, zero;
    int width;
    int precision; /* -1: not given */
    size_t bytes;  /* of the argument, as the length modifier says; 0: it had none */
    char letter;
};

static void put_text(struct output *out, const char *text, size_t count)
{
    for (size_t i = 0; i < count && out->length + i < out->size; i++)
        out->buffer[out->length + i] = text[i];
    out->length += count;
}

static void put_fill(struct output *out, char fill, size_t count)
{
    for (size_t i = 0; i < count && out->length + i < out->size; i++)
        out->buffer[out->length + i] = fill;
    out->length += count;
}

/* The number at *at, saturated; 0 if there is none. */
static int read_number(const char **at)
{
    int number = 0;

    for (; **at >= '0' && **at <= '9'; (*at)++) {
        int digit = **at - '0';

        number = number > (INT_MAX - digit) / 10 ? INT_MAX : number * 10 + digit;
    }
    return number;
}

static void read_flags(const char **at, struct conversion *to)
{
    for (;; (*at)++) {
        if (**at == '-')
            to->left = true;
        else if (**at == '+')
            to->plus = true;
        else if (**at == ' ')
            to->space = true;
        else if (**at == '#')
            to->alternate = true;
        else if (**at == '0')
            to->zero = true;
        else
            return;
    }
}

static size_t read_length(const char **at)
{
    static const struct {
        const char *letters;
        size_t bytes;
    } lengths[] = {
        {"hh", sizeof(char)},     {"h", sizeof(short)},    {"ll", sizeof(long long)},
        {"l", sizeof(long)},      {"j", sizeof(intmax_t)}, {"z", sizeof(size_t)},
        {"t", sizeof(ptrdiff_t)},
    };

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        size_t count = strlen(lengths[i].letters);

        if (!strncmp(*at, lengths[i].letters, count)) {
            *at += count;
            return lengths[i].bytes;
        }
    }
    return 0;
}

static void read_conversion(const char **at, struct conversion *to, va_list *arguments)
{
    *to = (struct conversion){.precision = -1};
    read_flags(at, to);
    if (**at == '*') {
        (*at)++;
        to->width = va_arg(*arguments, int);
        if (to->width < 0) {
            to->left = true;
            to->width = to->width == INT_MIN ? INT_MAX : -to->width;
        }
    } else {
        to->width = read_number(at);
    }
    if (**at == '.') {
        (*at)++;
        if (**at == '*') {
            (*at)++;
            to->precision = va_arg(*arguments, int);
        } else {
            to->precision = read_number(at);
        }
    }
    to->bytes = read_length(at);
    to->letter = **at;
    if (to->letter)
        (*at)++;
}

/* An integer argument: those below 8 bytes are passed as an int. */
static uintmax_t take_unsigned(const struct conversion *as, va_list *arguments)
{
    size_t bytes = as->bytes ? as->bytes : sizeof(int);

    if (bytes == sizeof(uintmax_t))
        return va_arg(*arguments, uintmax_t);
    return va_arg(*arguments, unsigned int) & (UINTMAX_MAX >> 8 * (sizeof(uintmax_t) - bytes));
}

static intmax_t take_signed(const struct conversion *as, va_list *arguments)
{
    size_t bytes = as->bytes ? as->bytes : sizeof(int);
    uintmax_t sign = 1ull << (8 * bytes - 1);

    return (intmax_t)((take_unsigned(as, arguments) ^ sign) - sign);
}

static void put_padded(struct output *out, const struct conversion *as, const char *text,
                       size_t count)
{
    size_t width = (size_t)as->width;
    size_t fill = width > count ? width - count : 0;

    if (!as->left)
        put_fill(out, ' ', fill);
    put_text(out, text, count);
    if (as->left)
        put_fill(out, ' ', fill);
}

static void put_number(struct output *out, const struct conversion *as, const char *prefix,
                       uintmax_t value, unsigned int base)
{
    const char *digits = as->letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    char text[sizeof(value) * 8 / 3 + 1]; /* octal is the longest */
    char *first = text + sizeof(text);
    size_t count, prefix_count = strlen(prefix), zeros = 0, width = (size_t)as->width, taken;

    for (; value; value /= base)
        *--first = digits[value % base];
    count = (size_t)(text + sizeof(text) - first);
    if (as->precision >= 0)
        zeros = (size_t)as->precision > count ? (size_t)as->precision - count : 0;
    else if (!count)
        zeros = 1;
    if (as->letter == 'o' && as->alternate && !zeros)
        zeros = 1;
    taken = prefix_count + zeros + count;
    if (as->zero && !as->left && as->precision < 0 && width > taken) {
        zeros += width - taken;
        taken = width;
    }

    if (!as->left && width > taken)
        put_fill(out, ' ', width - taken);
    put_text(out, prefix, prefix_count);
    put_fill(out, '0', zeros);
    put_text(out, first, count);
    if (as->left && width > taken)
        put_fill(out, ' ', width - taken);
}

static void put_signed(struct output *out, const struct conversion *as, intmax_t value)
{
    const char *sign = value < 0 ? "-" : as->plus ? "+" : as->space ? " " : "";

    put_number(out, as, sign, value < 0 ? -(uintmax_t)value : (uintmax_t)value, 10);
}

static void put_hex(struct output *out, const struct conversion *as, uintmax_t value)
{
    const char *prefix = as->letter == 'X' ? "0X" : "0x";

    put_number(out, as, as->alternate && value ? prefix : "", value, 16);
}

static void put_string(struct output *out, const struct conversion *as, const char *text)
{
    size_t limit = as->precision < 0 ? SIZE_MAX : (size_t)as->precision;

    if (!text)
        text = "(null)";
    put_padded(out, as, text, strnlen(text, limit));
}

/* False, with nothing written, for a conversion that is not ours. */
static bool convert(struct output *out, const struct conversion *as, va_list *arguments)
{
    char byte;

    switch (as->letter) {
    case 'd':
    case 'i':
        put_signed(out, as, take_signed(as, arguments));
        return true;
    case 'u':
        put_number(out, as, "", take_unsigned(as, arguments), 10);
        return true;
    case 'o':
        put_number(out, as, "", take_unsigned(as, arguments), 8);
        return true;
    case 'x':
    case 'X':
        put_hex(out, as, take_unsigned(as, arguments));
        return true;
    case '%':
        put_text(out, "%", 1);
        return true;
    default:
        break;
    }
    if (as->bytes) /* wide characters */
        return false;
    switch (as->letter) {
    case 'c':
        byte = (char)va_arg(*arguments, int);
        put_padded(out, as, &byte, 1);
        return true;
    case 's':
        put_string(out, as, va_arg(*arguments, const char *));
        return true;
    case 'p':
        put_number(out, as, "0x", (uintptr_t)va_arg(*arguments, void *), 16);
        return true;
    default:
        return false;
    }
}

int format_v(char *buffer, size_t size, const char *format, va_list arguments)
{
    struct output out = {buffer, size, 0};
    va_list list; /* a parameter of array type has no va_list to point to */

    va_copy(list, arguments);
    while (*format) {
        struct conversion conversion;
        const char *start = format;

        if (*format != '%') {
            put_text(&out, format++, 1);
            continue;
        }
        format++;
        read_conversion(&format, &conversion, &list);
        if (!convert(&out, &conversion, &list)) {
            put_text(&out, start, strlen(start));
            break;
        }
    }
    va_end(list);

    if (size)
        buffer[out.length < size ? out.length : size - 1] = '\0';
    return out.length > INT_MAX ? INT_MAX : (int)out.length;
}

int format(char *buffer, size_t size, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = format_v(buffer, size, format, arguments);
    va_end(arguments);
    return length;
}

size_t format_cut(char *buffer, size_t size, const char *format, va_list arguments)
{
    size_t length = (size_t)format_v(buffer, size, format, arguments);

    return length < size ? length : size ? size - 1 : 0;
}
