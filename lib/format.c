/* SPDX-License-Identifier: MIT */
#include "lib/format.h"

#include <stdbool.h>
#include <stdint.h>

#include "lib/string.h"

#define INT_MAX __INT_MAX__ /* gcc's <limits.h> needs a C library's */

/* `length` counts on where writing has stopped; it cannot wrap, as no single piece passes INT_MAX
 * but an %s, and that much memory does not exist. */
struct output {
    char *buffer;
    size_t size;
    size_t length;
};

struct conversion {
    bool alternate, zero; /* the flags # and 0 */
    bool is_long;         /* the argument is as wide as a long */
    size_t width;
    size_t limit; /* bytes read of an %s */
    char letter;
};

static void put_text(struct output *out, const char *text, size_t count)
{
    for (size_t i = 0; i < count && out->length + i < out->size; i++)
        out->buffer[out->length + i] = text[i];
    out->length += count;
}

/* Puts what is missing to the conversion's width, of which `count` bytes are something else. */
static void put_fill(struct output *out, const struct conversion *as, char fill, size_t count)
{
    size_t end = out->length + (as->width > count ? as->width - count : 0);

    for (; out->length < end && out->length < out->size; out->length++)
        out->buffer[out->length] = fill;
    out->length = end;
}

static void put_number(struct output *out, const struct conversion *as, const char *prefix,
                       uintmax_t value, unsigned int base)
{
    char text[sizeof("18446744073709551615")];
    char *end = text + sizeof(text), *first = end;
    size_t prefix_size = strlen(prefix), size;

    do
        *--first = "0123456789abcdef"[value % base];
    while (value /= base);
    size = prefix_size + (size_t)(end - first);
    if (!as->zero)
        put_fill(out, as, ' ', size);
    put_text(out, prefix, prefix_size);
    if (as->zero)
        put_fill(out, as, '0', size);
    put_text(out, first, (size_t)(end - first));
}

static void put_string(struct output *out, const struct conversion *as, const char *text)
{
    size_t size = strnlen(text, as->limit);

    put_fill(out, as, ' ', size);
    put_text(out, text, size);
}

/* Reads what stands behind the % at *at, which moves to the conversion's letter. */
static void read_conversion(const char **at, struct conversion *to, va_list *arguments)
{
    *to = (struct conversion){.limit = SIZE_MAX};
    for (; **at == '#' || **at == '0'; (*at)++)
        *(**at == '#' ? &to->alternate : &to->zero) = true;
    for (; **at >= '0' && **at <= '9'; (*at)++)
        to->width = to->width * 10 + (size_t)(**at - '0');
    if ((*at)[0] == '.' && (*at)[1] == '*') {
        int limit = va_arg(*arguments, int);

        to->limit = limit < 0 ? SIZE_MAX : (size_t)limit;
        *at += 2;
    }
    if (**at == 'l' || **at == 'z') {
        to->is_long = true;
        (*at)++;
    }
    to->letter = **at;
}

/* False, with nothing written, for a conversion that is not ours. */
static bool convert(struct output *out, const struct conversion *as, va_list *arguments)
{
    uintmax_t value;
    intmax_t number;
    const char *text;
    char byte;

    switch (as->letter) {
    case 'd':
        number = as->is_long ? va_arg(*arguments, long) : va_arg(*arguments, int);
        value = number < 0 ? -(uintmax_t)number : (uintmax_t)number;
        put_number(out, as, number < 0 ? "-" : "", value, 10);
        return true;
    case 'u':
    case 'x':
        value = as->is_long ? va_arg(*arguments, unsigned long) : va_arg(*arguments, unsigned int);
        put_number(out, as, as->letter == 'x' && as->alternate && value ? "0x" : "", value,
                   as->letter == 'x' ? 16 : 10);
        return true;
    case 'p':
        put_number(out, as, "0x", (uintptr_t)va_arg(*arguments, void *), 16);
        return true;
    case 'c':
        byte = (char)va_arg(*arguments, int);
        put_fill(out, as, ' ', 1);
        put_text(out, &byte, 1);
        return true;
    case 's':
        text = va_arg(*arguments, const char *);
        put_string(out, as, text ? text : "(null)");
        return true;
    case '%':
        put_text(out, "%", 1);
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
    for (; *format; format++) {
        struct conversion conversion;
        const char *start = format;

        if (*format != '%') {
            put_text(&out, format, 1);
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
