/* SPDX-License-Identifier: MIT */
/*
 * role=idle: stays up until the toolstack tells it to stop, and checks the clocks every second, on
 * each vCPU. At the end it counts what a suspend could lose: pages, frames, grant references,
 * ports.
 */
#include "arch/x86_64/memlayout.h"
#include "arch/x86_64/vcpu.h"
#include "kernel/printk.h"
#include "lib/units.h"
#include "roles/pair/accounting.h"
#include "roles/role.h"
#include "xen/clock.h"
#include "xen/grant.h"
#include "xen/lifecycle.h"
#include "xen/shared_info.h"
#include "xen/vcpus.h"

#define CHECK_EVERY   NS_PER_SECOND
#define WALL_SLACK_NS NS_PER_SECOND /* of the wall clock, against the monotonic one */
#define DOM0          0
#define VCPUS_NS      (60 * NS_PER_SECOND) /* that the other vCPUs may take for a reading */

struct clocks {
    uint64_t monotonic, wall;
    uint32_t suspends;
    uint64_t checks, wall_sets;
};

static uint8_t page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE))); /* granted to domain 0 */

static void read_clocks(struct clocks *clocks)
{
    clocks->monotonic = clock_monotonic_ns();
    clocks->wall = clock_wall_ns();
    clocks->suspends = lifecycle_suspends();
}

/* The wall clock may be set at any time, and a suspend stops only the other one. */
static void compare_walls(struct clocks *before, const struct clocks *now)
{
    int64_t apart =
        (int64_t)(now->wall - before->wall) - (int64_t)(now->monotonic - before->monotonic);

    if (now->suspends != before->suspends ||
        (apart <= (int64_t)WALL_SLACK_NS && apart >= -(int64_t)WALL_SLACK_NS))
        return;
    before->wall_sets++;
    printk("Idle: the host's wall clock was set by %ld ms\n", apart / (int64_t)NS_PER_MS);
}

static void read_clock(void *reading)
{
    *(uint64_t *)reading = clock_monotonic_ns();
}

/* The clock of each other vCPU has to lie between two readings of ours. */
static bool check_others(struct error *err)
{
    static uint64_t readings[VCPUS_MAX];
    uint64_t before = clock_monotonic_ns(), after;

    if (!vcpus_start(read_clock, readings, sizeof(readings[0]), err) ||
        !vcpus_wait(before + VCPUS_NS, err))
        return false;
    after = clock_monotonic_ns();
    for (unsigned int id = 1; id < vcpu_count(); id++)
        if (readings[id] < before || readings[id] > after)
            return fail(err, XEN_EIO,
                        "the monotonic clock of vCPU %u is at %lu ns, between %lu "
                        "and %lu on vCPU 0",
                        id, readings[id], before, after);
    return true;
}

static bool check_clocks(struct clocks *before, struct error *err)
{
    struct clocks now;

    read_clocks(&now);
    if (now.monotonic <= before->monotonic)
        return fail(err, XEN_EIO, "the monotonic clock went from %lu ns to %lu", before->monotonic,
                    now.monotonic);
    if (!shared_info_is_64bit())
        return fail(err, XEN_EIO, "cannot read the wall clock: shared_info has no time");
    compare_walls(before, &now);
    now.checks = before->checks + 1;
    now.wall_sets = before->wall_sets;
    *before = now;
    return check_others(err) && clock_check(err);
}

bool role_idle(const struct options *options, const struct xen_info *xen, struct error *err)
{
    struct snapshot before;
    struct clocks clocks = {0};
    grant_ref_t held;
    struct error wrong;

    if (!grant_init(err) || !grant_access(DOM0, (uintptr_t)page / PAGE_SIZE, false, &held, err))
        return false;
    snapshot_take(&before);
    printk(">> Idle: until the toolstack tells it to stop\n");
    read_clocks(&clocks);
    while (lifecycle_sleep(CHECK_EVERY, &wrong) && check_clocks(&clocks, &wrong)) {
    }

    printk(
        ">> Idle: %lu checks of the clocks, %u suspends, %u of them restored; wall clock set %lu "
        "times\n",
        clocks.checks, lifecycle_suspends(), lifecycle_restores(), clocks.wall_sets);
    if (vcpu_count() > 1)
        printk("Idle: each of %u vCPUs was checked\n", vcpu_count());
    return wrong.code == LIFECYCLE_STOP ? snapshot_check(&before, 0, err) : fail_as(err, &wrong);
}
