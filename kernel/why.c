// SPDX-License-Identifier: MIT
#include "kernel/why.h"

#include <stdarg.h>

#include "kernel/format.h"

bool why_say(struct why *why, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    format_v(why->text, sizeof(why->text), format, arguments);
    va_end(arguments);
    return false;
}
