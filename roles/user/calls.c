/* SPDX-License-Identifier: MIT */
#include "roles/user/calls.h"

#include "arch/x86_64/user_memory.h"
#include "kernel/printk.h"
#include "kernel/syscalls.h"
#include "lib/string.h"
#include "xen/clock.h"
#include "xen/timer.h"

static struct {
    uint64_t deadline;
    bool mute;
    uint64_t written;
} state;

/* A program's text is only data here: no format, and no line that could pass for the kernel's. */
static void print_lines(const char *text, size_t size)
{
    char escaped[4 * SYS_WRITE_MAX + 1];

    for (size_t from = 0, to; from < size; from = to + 1) {
        for (to = from; to < size && text[to] != '\n';)
            to++;
        string_escape(escaped, sizeof(escaped), text + from, to - from);
        printk("User: %s\n", escaped);
    }
}

static int64_t call_write(const uint64_t arguments[6])
{
    uint64_t address = arguments[0], size = arguments[1];
    char text[SYS_WRITE_MAX];
    size_t part = size < sizeof(text) ? size : sizeof(text);

    if (!user_range_holds(address, size) || !user_copy_from(text, address, part))
        return -XEN_EFAULT;
    if (!state.mute)
        print_lines(text, part);
    state.written += part;
    return (int64_t)part;
}

static int64_t call_clock(const uint64_t arguments[6])
{
    return (int64_t)clock_monotonic_ns();
}

/* No longer than the program may run: the timer's event then ends it. */
static int64_t call_sleep(const uint64_t arguments[6])
{
    uint64_t now = clock_monotonic_ns(), ns = arguments[0];

    if (ns > SYS_SLEEP_MAX)
        return -XEN_EINVAL;
    if (now < state.deadline)
        clock_sleep(ns < state.deadline - now ? ns : state.deadline - now, NULL);
    return 0;
}

static int64_t call_exit(const uint64_t arguments[6])
{
    program_exit(arguments[0]);
    return 0;
}

static int64_t call(uint64_t number, const uint64_t arguments[6])
{
    static int64_t (*const calls[])(const uint64_t arguments[6]) = {
        [SYS_WRITE] = call_write,
        [SYS_CLOCK] = call_clock,
        [SYS_SLEEP] = call_sleep,
        [SYS_EXIT] = call_exit,
    };

    return number < sizeof(calls) / sizeof(calls[0]) ? calls[number](arguments) : -XEN_ENOSYS;
}

/* Another event than the timer's may have come; and the timer may be early. */
static bool time_is_up(void)
{
    return clock_monotonic_ns() >= state.deadline || !timer_set(state.deadline, NULL);
}

void calls_begin(uint64_t deadline, bool mute, struct program_services *services)
{
    state.deadline = deadline;
    state.mute = mute;
    state.written = 0;
    services->call = call;
    services->time_is_up = time_is_up;
}

uint64_t calls_written(void)
{
    return state.written;
}
