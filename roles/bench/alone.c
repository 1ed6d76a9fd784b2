/* SPDX-License-Identifier: MIT */
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/vcpu.h"
#include "kernel/printk.h"
#include "lib/string.h"
#include "lib/units.h"
#include "roles/bench/bench.h"
#include "roles/bench/report.h"
#include "roles/bench/wire.h"
#include "xen/abi/xen.h"
#include "xen/clock.h"
#include "xen/hypercall.h"
#include "xen/lifecycle.h"
#include "xen/vcpus.h"

#define READS       2000u
#define CALLS       1000u
#define ROUND_TRIPS 200u
#define BYTES       (1u << 20) /* of a run of memcpy */
#define FLOOR_MOST  200000u    /* thousandths of a ns: above, the TSC is emulated, or all is */

/* Buffers are not a whole number of pages apart: a load then waits for a store that only looks like
 * its own. */
#define APART 320

static struct {
    uint8_t from[BENCH_CHUNK_MOST + APART], between[BENCH_CHUNK_MOST + APART], to[BENCH_CHUNK_MOST];
    volatile uint64_t sink;
} state;

/* Thousandths of a nanosecond that one of `count` took. */
static uint64_t each(uint64_t began, uint32_t count)
{
    return (clock_monotonic_ns() - began) * 1000 / count;
}

static uint64_t time_floor(void)
{
    uint64_t began = clock_monotonic_ns();

    for (uint32_t i = 0; i < READS; i++)
        state.sink = tsc_read_ordered();
    return each(began, READS);
}

static uint64_t time_clock(void)
{
    uint64_t began = clock_monotonic_ns();

    for (uint32_t i = 0; i < READS; i++)
        state.sink = clock_monotonic_ns();
    return each(began, READS);
}

/* The cheapest of all: Xen looks at the command and returns a number. */
static uint64_t time_hypercall(void)
{
    uint64_t began = clock_monotonic_ns();

    for (uint32_t i = 0; i < CALLS; i++)
        hypercall_xen_version(XENVER_version, NULL);
    return each(began, CALLS);
}

/* Runs of what is compared take turns: whatever else the host does meets all of them alike. */
static void bench_clock(const struct xen_info *xen)
{
    struct series floor = {0}, clock = {0}, by_floor = {0};
    bool stable;

    for (uint32_t run = 0; run < BENCH_RUNS; run++) {
        uint64_t bare = time_floor(), ours = time_clock();

        series_add(&floor, bare);
        series_add(&clock, ours);
        series_add(&by_floor, ratio(ours, bare));
    }
    series_print(&floor, "clock-floor", 0, "ns");
    series_print(&clock, "clock-read", 0, "ns");
    series_print(&by_floor, "clock-read-by-floor", 0, "ratio");
    clock_raw_ns(&stable);
    printk(">> Bench: the clock: TSC of %u kHz, %s\n", xen->tsc_khz,
           stable ? "which Xen says is stable"
                  : "which Xen does not say is stable: this guest's readings never go back, but "
                    "may stand still");
    if (series_median(&floor) > FLOOR_MOST)
        printk(">> Bench: one reading of the TSC takes more than %u ns: it is emulated, or the "
               "whole machine is. Only counts are to be trusted\n",
               FLOOR_MOST / 1000);
}

/* By one method; false if this Xen or this CPU does not have it. */
static bool time_method(const struct xen_info *xen, enum hypercall_method method,
                        struct series *calls, struct series *clock, struct error *err)
{
    if (!hypercall_init(xen, method, err))
        return false;
    series_add(calls, time_hypercall());
    series_add(clock, time_clock());
    return true;
}

static bool bench_hypercall(const struct options *options, const struct xen_info *xen,
                            struct error *err)
{
    struct series by_page = {0}, direct = {0}, clock = {0}, by_hypercall = {0};
    struct error wrong = {0};

    for (uint32_t run = 0; run < BENCH_RUNS; run++) {
        if (!time_method(xen, HYPERCALL_PAGE, &by_page, &clock, err))
            return false;
        if (!time_method(xen, HYPERCALL_DIRECT, &direct, &clock, &wrong) &&
            wrong.code != XEN_ENOSYS)
            return fail_as(err, &wrong);
    }
    series_print(&by_page, "hypercall-page", 0, "ns");
    if (wrong.code == 0)
        series_print(&direct, "hypercall-direct", 0, "ns");
    else
        printk(">> Bench: %s\n", wrong.text);
    series_add(&by_hypercall, ratio(series_median(&clock), series_median(&by_page)));
    series_print(&by_hypercall, "clock-read-by-hypercall", 0, "ratio");
    return hypercall_init(xen, options->hypercall, err);
}

static void answer(void *unused)
{
    (void)unused;
}

/* An event to each of the other vCPUs, which does nothing but send one back. */
static bool time_vcpus(uint64_t *thousandths, struct error *err)
{
    uint64_t began = clock_monotonic_ns();

    for (uint32_t i = 0; i < ROUND_TRIPS; i++)
        if (!vcpus_start(answer, NULL, 0, err) ||
            !vcpus_wait(clock_monotonic_ns() + VCPUS_WAIT_S * NS_PER_SECOND, err))
            return false;
    *thousandths = each(began, ROUND_TRIPS);
    return true;
}

static bool bench_vcpus(struct error *err)
{
    struct series series = {0};

    if (vcpu_count() == 1) {
        printk("Bench: vcpus=2 measures events between vCPUs, too\n");
        return true;
    }
    for (uint32_t run = 0; run < BENCH_RUNS; run++) {
        uint64_t thousandths = 0;

        if (!time_vcpus(&thousandths, err))
            return false;
        series_add(&series, thousandths);
    }
    series_print(&series, "vcpu-round-trip", vcpu_count(), "ns");
    return true;
}

uint64_t bench_two_memcpys(uint32_t bytes, uint32_t chunk)
{
    uint64_t began = clock_monotonic_ns();

    for (uint64_t done = 0; done < bytes; done += chunk) {
        memcpy(state.between, state.from, chunk);
        memcpy(state.to, state.between, chunk);
    }
    return clock_monotonic_ns() - began;
}

void bench_copy(uint32_t bytes)
{
    memcpy(state.between, state.from, bytes);
}

static void bench_memcpy(void)
{
    for (uint32_t chunk = 64; chunk <= BENCH_CHUNK_MOST; chunk *= 4) {
        struct series series = {0};

        for (uint32_t run = 0; run < BENCH_RUNS; run++)
            series_add(&series, throughput(BYTES, bench_two_memcpys(BYTES, chunk)));
        series_print(&series, "two-memcpys", chunk, "MiB/s");
    }
}

bool bench_alone(const struct options *options, const struct xen_info *xen, struct error *err)
{
    bench_clock(xen);
    if (!bench_hypercall(options, xen, err) || !bench_vcpus(err) || !lifecycle_look(err))
        return false;
    bench_memcpy();
    return lifecycle_look(err);
}
