// SPDX-License-Identifier: MIT
#include "lib/format.h"

#include <stdbool.h>
#include <stdint.h>

#include "lib/string.h"

// gcc's <limits.h> needs a C library's.
#define INT_MAX __INT_MAX__
#define INT_MIN (-INT_MAX - 1)

// `length` counts on where writing has stopped; it cannot wrap, as no single piece passes INT_MAX
// but an %s, and that much memory does not exist.
struct output {
    char *buffer;
    size_t size;
    size_t length;
};

enum length { INT, CHAR, SHORT, LONG, LONG_LONG, MAX, SIZE, POINTER_DIFFERENCE };

struct conversion {
    bool left, plus, space, alternate, zero;
    int width;
    int precision; // -1: not given
    enum length length;
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

// The number at *at, saturated; 0 if there is none.
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
        switch (**at) {
        case '-':
            to->left = true;
            break;
        case '+':
            to->plus = true;
            break;
        case ' ':
            to->space = true;
            break;
        case '#':
            to->alternate = true;
            break;
        case '0':
            to->zero = true;
            break;
        default:
            return;
        }
    }
}

static enum length read_length(const char **at)
{
    static const struct {
        const char *letters;
        enum length length;
    } lengths[] = {
        {"hh", CHAR}, {"h", SHORT}, {"ll", LONG_LONG},         {"l", LONG},
        {"j", MAX},   {"z", SIZE},  {"t", POINTER_DIFFERENCE},
    };

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        size_t count = strlen(lengths[i].letters);

        if (!strncmp(*at, lengths[i].letters, count)) {
            *at += count;
            return lengths[i].length;
        }
    }
    return INT;
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
    to->length = read_length(at);
    to->letter = **at;
    if (to->letter)
        (*at)++;
}

static intmax_t take_signed(enum length length, va_list *arguments)
{
    switch (length) {
    case CHAR:
        return (signed char)va_arg(*arguments, int);
    case SHORT:
        return (short)va_arg(*arguments, int);
    case LONG:
        return va_arg(*arguments, long);
    case LONG_LONG:
        return va_arg(*arguments, long long);
    case MAX:
        return va_arg(*arguments, intmax_t);
    case SIZE: // the signed type of size_t's width
    case POINTER_DIFFERENCE:
        return va_arg(*arguments, ptrdiff_t);
    default:
        return va_arg(*arguments, int);
    }
}

static uintmax_t take_unsigned(enum length length, va_list *arguments)
{
    switch (length) {
    case CHAR:
        return (unsigned char)va_arg(*arguments, unsigned int);
    case SHORT:
        return (unsigned short)va_arg(*arguments, unsigned int);
    case LONG:
        return va_arg(*arguments, unsigned long);
    case LONG_LONG:
        return va_arg(*arguments, unsigned long long);
    case MAX:
        return va_arg(*arguments, uintmax_t);
    case SIZE:
    case POINTER_DIFFERENCE: // the unsigned type of ptrdiff_t's width
        return va_arg(*arguments, size_t);
    default:
        return va_arg(*arguments, unsigned int);
    }
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
    char text[sizeof(value) * 8 / 3 + 1]; // octal is the longest
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

// False, with nothing written, for a conversion that is not ours.
static bool convert(struct output *out, const struct conversion *as, va_list *arguments)
{
    char byte;

    switch (as->letter) {
    case 'd':
    case 'i':
        put_signed(out, as, take_signed(as->length, arguments));
        return true;
    case 'u':
        put_number(out, as, "", take_unsigned(as->length, arguments), 10);
        return true;
    case 'o':
        put_number(out, as, "", take_unsigned(as->length, arguments), 8);
        return true;
    case 'x':
    case 'X':
        put_hex(out, as, take_unsigned(as->length, arguments));
        return true;
    case '%':
        put_text(out, "%", 1);
        return true;
    default:
        break;
    }
    if (as->length != INT) // wide characters
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
    va_list list; // a parameter of array type has no va_list to point to

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
