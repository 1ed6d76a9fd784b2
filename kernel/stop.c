/* SPDX-License-Identifier: MIT */
#include "kernel/stop.h"

#include <stddef.h>

#include "arch/x86_64/cpu.h"
#include "kernel/console.h"

static stop_method registered;
static bool only_halt;

void stop_register(stop_method method)
{
    registered = method;
}

void stop_by_halting(void)
{
    only_halt = true;
}

noreturn void stop(bool crash)
{
    static bool stopping;

    /* Once: an exception in a console's flush comes here again. */
    if (!stopping) {
        stopping = true;
        console_flush(true);
    }
    if (registered && !only_halt)
        registered(crash);
    for (;;)
        cpu_halt();
}
