/* SPDX-License-Identifier: MIT */
/*
 * role=idle: stays up until the toolstack tells it to stop, and checks the clocks every second.
 */
#include "kernel/printk.h"
#include "lib/units.h"
#include "roles/role.h"
#include "xen/clock.h"
#include "xen/lifecycle.h"
#include "xen/shared_info.h"

#define CHECK_EVERY NS_PER_SECOND

static bool check_clocks(uint64_t *before, struct error *err)
{
    uint64_t now = clock_monotonic_ns();

    if (now <= *before)
        return fail(err, XEN_EIO, "the monotonic clock went from %lu ns to %lu", *before, now);
    if (!shared_info_is_64bit())
        return fail(err, XEN_EIO, "the wall clock has no time");
    *before = now;
    return clock_check(err);
}

bool role_idle(const struct options *options, const struct xen_info *xen, struct error *err)
{
    uint64_t before = clock_monotonic_ns(), checks = 0;
    struct error wrong;

    printk(">> Idle: until the toolstack tells it to stop\n");
    while (lifecycle_sleep(CHECK_EVERY, &wrong) && check_clocks(&before, &wrong))
        checks++;
    printk(">> Idle: %lu checks of the clocks\n", checks);
    return wrong.code == LIFECYCLE_STOP || fail_as(err, &wrong);
}
