/* SPDX-License-Identifier: MIT */
#include "kernel/stop.h"

#include <stdbool.h>
#include <stddef.h>

#include "arch/x86_64/cpu.h"
#include "kernel/console.h"

static struct {
    stop_method method;
    bool only_halt, stopping;
} state;

void stop_register(stop_method method)
{
    state.method = method;
}

void stop_by_halting(void)
{
    state.only_halt = true;
}

noreturn void stop(enum stop_reason reason)
{
    /* Once: an exception in a console's flush comes here again. */
    if (!state.stopping) {
        state.stopping = true;
        console_flush(true);
    }
    if (state.method && !state.only_halt)
        state.method(reason);
    for (;;)
        cpu_halt();
}
