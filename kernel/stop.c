/* SPDX-License-Identifier: MIT */
#include "kernel/stop.h"

#include <stddef.h>

#include "arch/x86_64/cpu.h"

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
    if (registered && !only_halt)
        registered(crash);
    for (;;)
        cpu_halt();
}
