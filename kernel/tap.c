/* SPDX-License-Identifier: MIT */
#include "kernel/tap.h"

#include <stdarg.h>

#include "kernel/printk.h"
#include "lib/error.h"
#include "lib/format.h"

static unsigned int checks, failures;

bool tap_check(bool passed, const char *text, ...)
{
    char name[ERROR_SIZE];
    va_list arguments;

    va_start(arguments, text);
    format_v(name, sizeof(name), text, arguments);
    va_end(arguments);

    checks++;
    if (passed) {
        printk("ok %u - %s\n", checks, name);
    } else {
        failures++;
        printk_error("not ok %u - %s\n", checks, name);
    }
    return passed;
}

void tap_skip(const char *name, const char *reason)
{
    printk("ok %u - %s # SKIP %s\n", ++checks, name, reason);
}

unsigned int tap_done(void)
{
    printk("1..%u\n", checks);
    return failures;
}
