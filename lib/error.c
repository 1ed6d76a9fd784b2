/* SPDX-License-Identifier: MIT */
#include "lib/error.h"

#include <stdarg.h>
#include <stddef.h>

#include "lib/format.h"

bool fail(struct error *err, int code, const char *format, ...)
{
    va_list arguments;

    if (!err)
        return false;
    err->code = code;
    va_start(arguments, format);
    format_v(err->text, sizeof(err->text), format, arguments);
    va_end(arguments);
    return false;
}

bool fail_as(struct error *err, const struct error *cause)
{
    if (err)
        *err = *cause;
    return false;
}
