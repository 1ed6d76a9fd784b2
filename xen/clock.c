/* SPDX-License-Identifier: MIT */
#include "xen/clock.h"

#include "arch/x86_64/cpu.h"
#include "kernel/console.h"
#include "kernel/panic.h"
#include "lib/units.h"
#include "xen/abi/xen.h"
#include "xen/hypercall.h"
#include "xen/pvclock.h"
#include "xen/shared_info.h"

/*
 * How long, in TSC ticks, the clock may stand still or be half written: 14 s at 5 GHz, 69 s at
 * 1 GHz. Only the TSC can tell of a clock that stands.
 */
#define STUCK_TICKS (1ull << 36)

/* What is left of that for a half-written clock: nothing, once one was waited for in vain. */
static uint64_t patience = STUCK_TICKS;

/* Whether `since`, which the first call with 0 in it sets, is too long ago. */
static bool too_late(uint64_t *since)
{
    uint64_t now = tsc_read_ordered();

    if (!*since)
        *since = now;
    if (now - *since <= patience)
        return false;
    patience = 0;
    return true;
}

/*
 * The version is odd while Xen writes; a reader starts on an even one. False if that takes too
 * long. `since` begins as 0: a first look that succeeds costs no reading of the TSC.
 */
static bool read_begin(const volatile uint32_t *version, uint32_t *seen, uint64_t *since)
{
    for (bool again = *since != 0;; again = true) {
        *seen = *version;
        compiler_barrier(); /* x86 keeps loads in order; the compiler need not */
        if (again && too_late(since))
            return false;
        if (!(*seen & 1))
            return true;
    }
}

/* And starts again if it has changed meanwhile. */
static bool read_retry(const volatile uint32_t *version, uint32_t seen, uint64_t *since)
{
    compiler_barrier();
    if (*version == seen)
        return false;
    too_late(since);
    return true;
}

/* One reading, and what goes with it. False if Xen never lets go of the clock. */
static bool read_raw(uint64_t *ns, uint64_t *tsc, bool *stable)
{
    const volatile struct vcpu_time_info *time = &shared_info()->vcpu_info[0].time;
    uint64_t since = 0;
    uint32_t version;

    do {
        if (!read_begin(&time->version, &version, &since))
            return false;
        *tsc = tsc_read_ordered();
        *ns = time->system_time + pvclock_ticks_to_ns(*tsc - time->tsc_timestamp,
                                                      time->tsc_to_system_mul, time->tsc_shift);
        *stable = time->flags & XEN_PVCLOCK_TSC_STABLE_BIT;
    } while (read_retry(&time->version, version, &since));
    return true;
}

bool clock_try_ns(uint64_t *ns)
{
    static uint64_t latest, latest_tsc;
    uint64_t tsc;
    bool stable;

    if (!read_raw(ns, &tsc, &stable))
        return false;
    if (*ns > latest) {
        latest = *ns;
        latest_tsc = tsc;
        return true;
    }
    /* The flag may come and go. Without it two readings need not agree: keep the maximum. */
    if (!stable)
        *ns = latest;
    return tsc - latest_tsc <= STUCK_TICKS;
}

uint64_t clock_monotonic_ns(void)
{
    uint64_t ns;

    if (!clock_try_ns(&ns))
        panic("the clock stands still, or Xen never ends writing it");
    return ns;
}

uint64_t clock_raw_ns(bool *stable)
{
    uint64_t ns, tsc;

    if (!read_raw(&ns, &tsc, stable))
        panic("Xen never ends writing the clock");
    return ns;
}

uint64_t clock_epoch_ns(void)
{
    const volatile struct shared_info *page = shared_info();
    uint64_t seconds, ns, since = 0;
    uint32_t version;

    do {
        if (!read_begin(&page->wc_version, &version, &since))
            panic("Xen never ends writing the wall clock");
        seconds = (uint64_t)page->wc_sec_hi << 32 | page->wc_sec;
        ns = page->wc_nsec;
    } while (read_retry(&page->wc_version, version, &since));

    return seconds * NS_PER_SECOND + ns;
}

uint64_t clock_wall_ns(void)
{
    return clock_epoch_ns() + clock_monotonic_ns();
}

bool clock_sleep(uint64_t ns, struct error *err)
{
    struct sched_poll poll = {.nr_ports = 0, .timeout = clock_monotonic_ns() + ns};

    console_flush(false);
    do {
        int64_t result = hypercall_sched_op(SCHEDOP_poll, &poll);

        if (result < 0)
            return fail(err, XEN_EINVAL, "Xen refuses SCHEDOP_poll: -%s", xen_errno_name(result));
    } while (clock_monotonic_ns() < poll.timeout);
    return true;
}
