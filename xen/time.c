/* SPDX-License-Identifier: MIT */
#include "xen/time.h"

#include "arch/x86_64/cpu.h"
#include "kernel/panic.h"
#include "xen/abi.h"
#include "xen/hypercall.h"
#include "xen/pvclock.h"
#include "xen/shared_info.h"

#define RETRIES_MAX 1000000
#define WAKES_MAX   1000

/* The version is odd while Xen writes; a reader starts on an even one ... */
static uint32_t read_begin(const volatile uint32_t *version)
{
    for (unsigned int i = 0; i < RETRIES_MAX; i++) {
        uint32_t seen = *version;

        compiler_barrier(); /* x86 keeps loads in order; the compiler need not */
        if (!(seen & 1))
            return seen;
    }
    panic("the clock's version stays odd");
}

/* ... and starts again if it has changed meanwhile. */
static bool read_retry(const volatile uint32_t *version, uint32_t seen)
{
    compiler_barrier();
    return *version != seen;
}

uint64_t clock_monotonic_ns(void)
{
    static uint64_t last;
    const volatile struct vcpu_time_info *time = &shared_info()->vcpu_info[0].time;
    uint32_t version;
    uint64_t now;
    uint8_t flags;

    do {
        version = read_begin(&time->version);
        now = time->system_time + pvclock_ticks_to_ns(tsc_read_ordered() - time->tsc_timestamp,
                                                      time->tsc_to_system_mul, time->tsc_shift);
        flags = time->flags;
    } while (read_retry(&time->version, version));

    /* The flag may come and go. Without it two readings need not agree: keep the maximum. */
    if (!(flags & XEN_PVCLOCK_TSC_STABLE_BIT) && now < last)
        return last;
    last = now;
    return now;
}

uint64_t clock_epoch_ns(void)
{
    const volatile struct shared_info *page = shared_info();
    uint32_t version;
    uint64_t seconds, ns;

    do {
        version = read_begin(&page->wc_version);
        seconds = (uint64_t)page->wc_sec_hi << 32 | page->wc_sec;
        ns = page->wc_nsec;
    } while (read_retry(&page->wc_version, version));

    return seconds * NS_PER_SECOND + ns;
}

uint64_t clock_wall_ns(void)
{
    return clock_epoch_ns() + clock_monotonic_ns();
}

bool clock_sleep(uint64_t ns, struct why *why)
{
    struct sched_poll poll = {.nr_ports = 0, .timeout = clock_monotonic_ns() + ns};

    for (unsigned int wakes = 0; wakes < WAKES_MAX; wakes++) {
        int64_t result = hypercall_sched_op(SCHEDOP_poll, &poll);

        if (result < 0)
            return why_say(why, "Xen refuses SCHEDOP_poll: -%s", hypercall_error_name(result));
        if (clock_monotonic_ns() >= poll.timeout)
            return true;
    }
    return why_say(why, "SCHEDOP_poll returned %d times before its time", WAKES_MAX);
}
