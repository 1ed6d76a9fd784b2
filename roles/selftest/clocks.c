/* SPDX-License-Identifier: MIT */
/* The self-test of xen/clock. */
#include "arch/x86_64/cpu.h"
#include "kernel/printk.h"
#include "kernel/tap.h"
#include "lib/units.h"
#include "roles/selftest/checks.h"
#include "xen/clock.h"

#define CLOCK_READS   20000                  /* under emulation each may leave the guest */
#define RAW_SLACK     (NS_PER_SECOND / 1000) /* where Xen promises nothing */
#define WALL_SLACK_MS 1000                   /* that the host's wall clock and ours may differ */

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

/* The clock hides it when Xen's own readings go backwards: check them as well. */
static void check_backwards(void)
{
    bool stable;
    uint64_t before = clock_monotonic_ns(), raw_before = clock_raw_ns(&stable);
    unsigned int backwards = 0, raw_backwards = 0;

    for (unsigned int i = 0; i < CLOCK_READS; i++) {
        uint64_t now = clock_monotonic_ns(), raw = clock_raw_ns(&stable);

        backwards += now < before;
        raw_backwards += raw + (stable ? 0 : RAW_SLACK) < raw_before;
        before = now;
        raw_before = raw;
    }
    tap_check(backwards == 0, "clock: %d reads never went backwards", CLOCK_READS);
    tap_check(raw_backwards == 0, "clock: Xen's own readings never went backwards");
    tap_check(clock_monotonic_ns() > before, "clock: it moves on");
}

/* Xen says how fast the TSC is, which owes nothing to the multiplier that the clock is read with.
 */
static void check_speed(uint32_t tsc_khz)
{
    if (!tsc_khz) {
        tap_skip("clock: its speed", "this Xen does not report the TSC's frequency");
        return;
    }

    uint64_t ticks = tsc_read_ordered(), ns = clock_monotonic_ns();
    bool slept = clock_sleep(NS_PER_SECOND, NULL);

    ns = clock_monotonic_ns() - ns;
    ticks = tsc_read_ordered() - ticks;

    uint64_t by_tsc = ticks * 1000000 / tsc_khz;

    slept = tap_check(slept && by_tsc >= NS_PER_SECOND / 100 * 95 && by_tsc <= 5 * NS_PER_SECOND,
                      "clock: a slept second is 0.95 to 5 seconds by the TSC");
    if (!tap_check(distance(ns, by_tsc) <= by_tsc / 20,
                   "clock: it is as fast as the TSC, within 5 percent") ||
        !slept)
        printk("# %lu ns by the clock, %lu by the TSC of %u kHz\n", ns, by_tsc, tsc_khz);
}

void check_clocks(const struct options *options, const struct xen_info *xen)
{
    check_backwards();
    check_speed(xen->tsc_khz);

    uint64_t wake = clock_monotonic_ns() + NS_PER_SECOND / 10;
    tap_check(clock_sleep(NS_PER_SECOND / 10, NULL) && clock_monotonic_ns() >= wake,
              "clock: a sleep lasts at least as long as asked");

    if (options->wall_base_ms == OPTIONS_BIG_AUTO) {
        tap_skip("wall clock: it is the host's", "no wall-base= on the command line");
        return;
    }
    uint64_t base_ms = clock_wall_base_ns() / NS_PER_MS;
    uint64_t apart = distance(base_ms, options->wall_base_ms);
    if (!tap_check(apart <= WALL_SLACK_MS, "wall clock: it is the host's"))
        printk("# wall base %lu ms, the host's %lu ms\n", base_ms, options->wall_base_ms);
}
