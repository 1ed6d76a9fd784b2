/* SPDX-License-Identifier: MIT */
#include "xen/clock.h"

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/vcpu.h"
#include "kernel/console.h"
#include "lib/units.h"
#include "xen/abi/xen.h"
#include "xen/hypercall.h"
#include "xen/pvclock.h"
#include "xen/shared_info.h"

/*
 * How long, in TSC ticks, the clock may stand still or be half written: 14 s at 5 GHz, 69 s at
 * 1 GHz. Only the TSC can reveal a clock that stands.
 */
#define STUCK_TICKS (1ull << 36)

static struct {
    bool failed;
    bool impatient; /* a half-written clock was waited for in vain: no more waiting */
    /* The largest reading that Xen did not promise to agree with others: no lock, no reading of it
     * where Xen does. After a restore: another TSC, another host's clock. */
    uint64_t latest_ns;
    /* The monotonic clock less Xen's; below zero where Xen's has gone on while we were away. */
    int64_t offset;
    uint64_t suspended_ns, suspended_wall_ns;
} state;

/* Whether `since`, which the first call with 0 in it sets, is too long ago. */
static bool too_late(uint64_t *since)
{
    uint64_t now = tsc_read_ordered();

    if (!*since)
        *since = now;
    if (now - *since <= (state.impatient ? 0 : STUCK_TICKS))
        return false;
    state.impatient = true;
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

/* The reader starts again if the version has changed meanwhile. */
static bool read_retry(const volatile uint32_t *version, uint32_t seen, uint64_t *since)
{
    compiler_barrier();
    if (*version == seen)
        return false;
    too_late(since);
    return true;
}

/* One reading, and what goes with it. False if Xen never finishes writing. */
static inline __attribute__((always_inline)) bool read_raw(uint64_t *ns, uint64_t *tsc,
                                                           bool *stable)
{
    const volatile struct vcpu_time_info *time = &shared_info_vcpu()->time;
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

static bool read_wall_base(uint64_t *ns)
{
    const volatile struct shared_info *page = shared_info();
    uint64_t since = 0;
    uint32_t version;

    do {
        if (!read_begin(&page->wc_version, &version, &since))
            return false;
        *ns = ((uint64_t)page->wc_sec_hi << 32 | page->wc_sec) * NS_PER_SECOND + page->wc_nsec;
    } while (read_retry(&page->wc_version, version, &since));
    return true;
}

/* A reading, or UINT64_MAX, noting the failure, if it is not a good one. */
static uint64_t reading(bool good, uint64_t ns)
{
    state.failed = state.failed || !good;
    return good ? ns : UINT64_MAX;
}

/*
 * For a reading without Xen's promise: the largest of all readings so far, on any vCPU, and with
 * the promise or without, as the flag may come and go.
 */
static uint64_t keep_order(uint64_t ns)
{
    uint64_t before = __atomic_load_n(&state.latest_ns, __ATOMIC_RELAXED);

    for (unsigned int i = 0; i < vcpu_count(); i++) {
        uint64_t latest = __atomic_load_n(&vcpu_at(i)->latest_ns, __ATOMIC_RELAXED);

        ns = latest > ns ? latest : ns;
    }
    while (ns > before && !__atomic_compare_exchange_n(&state.latest_ns, &before, ns, false,
                                                       __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
    return ns > before ? ns : before;
}

/* Inline, as everything on the way of a reading: it takes little longer than reading the TSC. */
static inline __attribute__((always_inline)) bool try_ns(uint64_t *ns)
{
    struct vcpu *vcpu = vcpu_self();
    uint64_t tsc;
    bool stable, good = true;

    if (!read_raw(ns, &tsc, &stable))
        return false;
    *ns += (uint64_t)state.offset;
    if (*ns > vcpu->latest_ns) {
        __atomic_store_n(&vcpu->latest_ns, *ns, __ATOMIC_RELAXED);
        vcpu->latest_tsc = tsc;
    } else {
        good = (int64_t)(tsc - vcpu->latest_tsc) <= (int64_t)STUCK_TICKS; /* TSCs may differ */
    }
    if (!stable) {
        *ns = keep_order(*ns);
    } else {
        uint64_t latest = __atomic_load_n(&state.latest_ns, __ATOMIC_RELAXED);

        *ns = latest > *ns ? latest : *ns;
    }
    return good;
}

bool clock_try_ns(uint64_t *ns)
{
    return try_ns(ns);
}

uint64_t clock_monotonic_ns(void)
{
    uint64_t ns = 0;
    bool good = !state.failed && try_ns(&ns);

    return reading(good, ns);
}

bool clock_check(struct error *err)
{
    return !state.failed ||
           fail(err, XEN_EIO, "the clock stands still, or Xen never ends writing it");
}

uint64_t clock_raw_ns(bool *stable)
{
    uint64_t ns = 0, tsc;
    bool good;

    *stable = false;
    good = read_raw(&ns, &tsc, stable);
    return reading(good, ns);
}

uint64_t clock_wall_base_ns(void)
{
    uint64_t ns = 0;
    bool good = read_wall_base(&ns);

    return reading(good, ns);
}

uint64_t clock_wall_ns(void)
{
    return clock_wall_base_ns() + clock_monotonic_ns() - (uint64_t)state.offset;
}

uint64_t clock_to_system_time(uint64_t ns)
{
    int64_t time = (int64_t)(ns - (uint64_t)state.offset);

    return time > 0 ? (uint64_t)time : 1; /* to Xen, 0 is no timeout at all */
}

void clock_suspend(void)
{
    state.suspended_ns = clock_monotonic_ns();
    state.suspended_wall_ns = clock_wall_ns();
}

uint64_t clock_resume(void)
{
    bool stable;
    uint64_t wall;

    state.offset = (int64_t)(state.suspended_ns - clock_raw_ns(&stable));
    state.latest_ns = 0;
    for (unsigned int i = 0; i < vcpu_count(); i++)
        vcpu_at(i)->latest_ns = vcpu_at(i)->latest_tsc = 0;
    wall = clock_wall_ns();
    return wall > state.suspended_wall_ns ? wall - state.suspended_wall_ns : 0;
}

bool clock_share(struct vcpu_time_info *copy, struct error *err)
{
    struct vcpu_register_time_memory_area area = {.addr.v = copy};

    return check_result(
        err, hypercall_vcpu_op(VCPUOP_register_vcpu_time_memory_area, vcpu_self()->id, &area),
        "cannot have a copy of the clock");
}

bool clock_sleep(uint64_t ns, struct error *err)
{
    uint64_t until = clock_monotonic_ns() + ns;
    struct sched_poll poll = {.nr_ports = 0, .timeout = clock_to_system_time(until)};

    console_flush(false);
    do {
        if (!clock_check(err))
            return false;

        int64_t result = hypercall_sched_op(SCHEDOP_poll, &poll);

        if (!check_result(err, result, "cannot sleep: SCHEDOP_poll"))
            return false;
    } while (clock_monotonic_ns() < until);
    return clock_check(err);
}
