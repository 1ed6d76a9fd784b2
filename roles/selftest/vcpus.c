/* SPDX-License-Identifier: MIT */
/* The self-test of xen/vcpus, where there are several. */
#include "xen/vcpus.h"
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/vcpu.h"
#include "kernel/printk.h"
#include "kernel/tap.h"
#include "lib/units.h"
#include "roles/selftest/checks.h"
#include "xen/abi/xen.h"
#include "xen/clock.h"
#include "xen/evtchn.h"
#include "xen/hypercall.h"

#define WAIT_NS     (60 * NS_PER_SECOND)
#define CLOCK_READS 1000
#define HAND_OVERS  100000u
#define WARP_NS     (30 * NS_PER_SECOND)
#define LEAST       1000u     /* hand-overs in that time: many vCPUs of an emulated CPU are slow */
#define SPINS       64        /* before a vCPU lets another one run: they may share a CPU */
#define BUSY        VCPUS_MAX /* no id */

static bool is_lost; /* one vCPU: no more jobs, as each would be waited for */

static bool wait_for_jobs(void)
{
    struct error err;

    is_lost = !vcpus_wait(clock_monotonic_ns() + WAIT_NS, &err);
    if (is_lost)
        printk("# %s\n", err.text);
    return !is_lost;
}

static bool start_jobs(void (*job)(void *), void *arguments, size_t size)
{
    return !is_lost && vcpus_start(job, arguments, size, NULL);
}

/* Calls job(&results[id]) on each of the other vCPUs, and waits. */
static bool run_jobs(void (*job)(void *), void *results, size_t size)
{
    return start_jobs(job, results, size) && wait_for_jobs();
}
#define run_on_others(job, results) run_jobs(job, results, sizeof((results)[0]))

/* ---- Events ---- */

struct visit {
    unsigned int id;
    uint64_t own, shared; /* interrupts, when it was there */
};

static void visit(void *result)
{
    struct vcpu *self = vcpu_self();

    *(struct visit *)result = (struct visit){self->id, self->own_upcalls, self->shared_upcalls};
}

static void check_events(void)
{
    static struct visit first[VCPUS_MAX], second[VCPUS_MAX];
    uint64_t back = vcpu_self()->own_upcalls + vcpu_self()->shared_upcalls;
    bool reached = run_on_others(visit, first) && run_on_others(visit, second);
    bool interrupted = true, as_asked = true;

    back = vcpu_self()->own_upcalls + vcpu_self()->shared_upcalls - back;
    for (unsigned int id = 1; id < vcpu_count(); id++) {
        uint64_t own = second[id].own - first[id].own;
        uint64_t shared = second[id].shared - first[id].shared;

        reached = reached && first[id].id == id && second[id].id == id;
        interrupted = interrupted && own + shared > 0;
        as_asked = as_asked && (evtchn_has_own_vectors() ? shared == 0 : own == 0);
    }
    tap_check(reached, "vcpu: an event makes each of them work");
    tap_check(interrupted, "vcpu: the event interrupts it");
    tap_check(as_asked, "vcpu: on the vector that the log names");
    tap_check(back > 0, "vcpu: an event comes back");
}

/* ---- Clocks ---- */

struct readings {
    uint64_t first, last;
    bool backwards;
};

static void read_clock(void *result)
{
    struct readings *readings = result;

    *readings = (struct readings){.first = clock_monotonic_ns()};
    readings->last = readings->first;
    for (unsigned int i = 0; i < CLOCK_READS; i++) {
        uint64_t now = clock_monotonic_ns();

        readings->backwards = readings->backwards || now < readings->last;
        readings->last = now;
    }
}

static void check_each_clock(void)
{
    static struct readings readings[VCPUS_MAX];
    uint64_t before = clock_monotonic_ns();
    bool good = run_on_others(read_clock, readings);
    uint64_t after = clock_monotonic_ns();
    bool between = good, moves = good;

    for (unsigned int id = 1; id < vcpu_count(); id++) {
        const struct readings *r = &readings[id];

        between = between && r->first >= before && r->last <= after;
        moves = moves && r->last > r->first && !r->backwards;
    }
    tap_check(between, "vcpu: the clock of each lies between two of our readings");
    tap_check(moves, "vcpu: it moves on, and never back");
}

/*
 * Who holds `owner` reads the clock and leaves it there for the next one: any other vCPU, so that a
 * hand-over costs one switch where they share a CPU, however many they are.
 */
static struct {
    uint32_t owner;
    bool stop;
    uint64_t deadline;
    uint64_t hand_overs;
    uint64_t last, warp;         /* of clock_monotonic_ns(); the largest step back */
    uint64_t raw_last, raw_warp; /* of what Xen says */
} turns;

static uint64_t step_back(uint64_t *last, uint64_t now, uint64_t warp)
{
    uint64_t back = now < *last ? *last - now : 0;

    *last = now;
    return back > warp ? back : warp;
}

static void stop_if(bool enough)
{
    if (enough)
        __atomic_store_n(&turns.stop, true, __ATOMIC_RELAXED);
}

static void hand_over(void)
{
    bool stable;
    uint64_t now = clock_monotonic_ns();

    turns.warp = step_back(&turns.last, now, turns.warp);
    turns.raw_warp = step_back(&turns.raw_last, clock_raw_ns(&stable), turns.raw_warp);
    turns.hand_overs++;
    stop_if(turns.hand_overs >= HAND_OVERS);
}

static void take_turns(void *unused)
{
    const uint32_t id = vcpu_self()->id;
    unsigned int spins = 0;

    while (!__atomic_load_n(&turns.stop, __ATOMIC_RELAXED)) {
        uint32_t owner = __atomic_load_n(&turns.owner, __ATOMIC_ACQUIRE);

        if (owner != id && owner != BUSY &&
            __atomic_compare_exchange_n(&turns.owner, &owner, BUSY, false, __ATOMIC_ACQ_REL,
                                        __ATOMIC_RELAXED)) {
            hand_over();
            __atomic_store_n(&turns.owner, id, __ATOMIC_RELEASE);
            spins = 0;
        } else if (++spins % SPINS == 0) {
            stop_if(clock_monotonic_ns() > turns.deadline);
            hypercall_sched_op(SCHEDOP_yield, NULL);
        } else {
            cpu_pause();
        }
    }
}

static void check_warp(void)
{
    uint64_t start = clock_monotonic_ns();
    bool good, stable;

    turns.owner = vcpu_self()->id;
    turns.last = start;
    turns.raw_last = clock_raw_ns(&stable);
    turns.deadline = start + WARP_NS;
    good = start_jobs(take_turns, &turns, 0);
    if (good)
        take_turns(NULL);
    stop_if(true);
    good = good && wait_for_jobs();
    printk("# %lu hand-overs in %lu ms: largest step back %lu ns, of Xen's own readings %lu ns\n",
           turns.hand_overs, (uint64_t)((clock_monotonic_ns() - start) / NS_PER_MS), turns.warp,
           turns.raw_warp);
    tap_check(good && turns.hand_overs >= LEAST,
              "vcpu: they hand the clock over %u times, or for %u seconds and %u times", HAND_OVERS,
              (unsigned int)(WARP_NS / NS_PER_SECOND), LEAST);
    tap_check(turns.warp == 0, "vcpu: none saw the clock go back behind another's reading");
}

/* ---- Exceptions ---- */

static void try_traps(void *result)
{
    *(bool *)result = traps_work_here();
}

static void check_exceptions(void)
{
    static bool good[VCPUS_MAX];
    bool all = run_on_others(try_traps, good);

    for (unsigned int id = 1; id < vcpu_count(); id++)
        all = all && good[id];
    tap_check(all, "vcpu: each catches exceptions, on stacks with guards of its own");
}

/* Where there is one, the log is as it was. */
void check_vcpus(const struct options *options, const struct xen_info *xen)
{
    if (vcpu_count() == 1)
        return;
    check_events();
    check_each_clock();
    check_warp();
    check_exceptions();
}
