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

bool check_result(struct error *err, int64_t result, const char *format, ...)
{
    char text[ERROR_SIZE];
    va_list arguments;

    if (result >= 0)
        return true;
    va_start(arguments, format);
    format_v(text, sizeof(text), format, arguments);
    va_end(arguments);
    return fail(err, (int)-result, "%s: -%s", text, xen_errno_name(result));
}

bool fail_as(struct error *err, const struct error *cause)
{
    if (err)
        *err = *cause;
    return false;
}
