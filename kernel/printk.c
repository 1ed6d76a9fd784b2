/* SPDX-License-Identifier: MIT */
#include "kernel/printk.h"

#include <stdarg.h>

#include "kernel/console.h"
#include "lib/format.h"
#include "lib/string.h"

__attribute__((format(printf, 1, 0))) static void print(const char *format, va_list arguments,
                                                        bool alarm)
{
    static const char cut[] = "...\n";
    char text[PRINTK_MAX + 1];
    int length = format_v(text, sizeof(text), format, arguments);

    if (length > PRINTK_MAX) {
        length = PRINTK_MAX;
        memcpy(text + sizeof(text) - sizeof(cut), cut, sizeof(cut));
    }
    console_write(text, (size_t)length, alarm);
}

void printk(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print(format, arguments, false);
    va_end(arguments);
}

void printk_error(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print(format, arguments, true);
    va_end(arguments);
}
