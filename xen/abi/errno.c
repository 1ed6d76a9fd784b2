/* SPDX-License-Identifier: MIT */
#include "xen/abi/errno.h"

#include <stddef.h>

/* A table, not a switch: EAGAIN and EWOULDBLOCK share a value. */
static const struct {
    int number;
    const char *name;
} errors[] = {
#define XEN_ERRNO(name, value) {value, #name},
#include <xen/errno.h>
};

#define ERROR_COUNT (sizeof(errors) / sizeof(errors[0]))

const char *xen_errno_name(int64_t result)
{
    for (size_t i = 0; result < 0 && i < ERROR_COUNT; i++)
        if (errors[i].number == -result)
            return errors[i].name;
    return result < 0 ? "E?" : "0";
}

int xen_errno_number(const char *name)
{
    for (size_t i = 0; i < ERROR_COUNT; i++)
        for (const char *a = errors[i].name, *b = name; *a == *b; a++, b++)
            if (!*a)
                return errors[i].number;
    return 0;
}
