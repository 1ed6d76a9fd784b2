/* SPDX-License-Identifier: MIT */
#include "kernel/stop.h"

#include <stdbool.h>
#include <stddef.h>

#include "arch/x86_64/cpu.h"
#include "kernel/console.h"

static struct {
    stop_method method;
    bool only_halt, stopping;
    enum stop_reason asked; /* in place of STOP_POWEROFF */
} state;

void stop_register(stop_method method)
{
    state.method = method;
}

void stop_by_halting(void)
{
    state.only_halt = true;
}

void stop_as(enum stop_reason reason)
{
    state.asked = reason;
    state.only_halt = false;
}

noreturn void stop(enum stop_reason reason)
{
    if (reason == STOP_POWEROFF)
        reason = state.asked;
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
