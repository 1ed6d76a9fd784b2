/* SPDX-License-Identifier: MIT */
#include "kernel/tap.h"

#include <stdarg.h>

#include "kernel/printk.h"
#include "lib/error.h"
#include "lib/format.h"

static struct {
    unsigned int checks, failures;
} state;

bool tap_check(bool passed, const char *text, ...)
{
    char name[ERROR_SIZE];
    va_list arguments;

    va_start(arguments, text);
    format_v(name, sizeof(name), text, arguments);
    va_end(arguments);

    state.checks++;
    if (passed) {
        printk("ok %u - %s\n", state.checks, name);
    } else {
        state.failures++;
        printk_error("not ok %u - %s\n", state.checks, name);
    }
    return passed;
}

void tap_skip(const char *name, const char *reason)
{
    printk("ok %u - %s # SKIP %s\n", ++state.checks, name, reason);
}

unsigned int tap_done(void)
{
    printk("1..%u\n", state.checks);
    return state.failures;
}
