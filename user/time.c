/* SPDX-License-Identifier: MIT */
/* Programs about time. Each returns how many things were not as they should be. */
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/memlayout.h"
#include "user/text.h"
#include "user/user.h"
#include "xen/abi/xen.h"
#include "xen/pvclock.h"

#define READINGS 1000
#define SLACK_NS 1000000 /* that two readings may differ where Xen does not promise they agree */
#define SLEEP_NS 20000000
#define CALLS    10000
#define NO_CALL  0xffff

/*
 * The clock without a system call, from the page that the kernel shares. The version is odd while
 * Xen writes. If that never ends, the kernel ends the program.
 */
static uint64_t clock_read(void)
{
    const volatile struct vcpu_time_info *time = (const struct vcpu_time_info *)USER_CLOCK;
    const uint64_t base = *(const uint64_t *)(USER_CLOCK + SYS_CLOCK_BASE);
    uint32_t version;
    uint64_t ns;

    do {
        version = time->version;
        compiler_barrier();
        ns = time->system_time + pvclock_ticks_to_ns(tsc_read_ordered() - time->tsc_timestamp,
                                                     time->tsc_to_system_mul, time->tsc_shift);
        compiler_barrier();
    } while ((version & 1) || version != time->version);
    return ns - base;
}

/* Both clocks, in turn: each reading lies between those before and after it. */
uint64_t clocks(uint64_t argument)
{
    uint64_t wrong = 0;

    for (int i = 0; i < READINGS && !wrong; i++) {
        uint64_t before = (uint64_t)sys_clock(), ours = clock_read(), after = (uint64_t)sys_clock();

        if (ours + SLACK_NS < before)
            wrong += complain("the page's clock is behind the kernel's by", before - ours);
        if (ours > after + SLACK_NS)
            wrong += complain("the page's clock is ahead of the kernel's by", ours - after);
        if (after < before)
            wrong += complain("the kernel's clock went back by", before - after);
    }
    return wrong;
}

uint64_t sleeps(uint64_t argument)
{
    uint64_t before = (uint64_t)sys_clock();
    int64_t result = sys_sleep(SLEEP_NS);
    uint64_t took = (uint64_t)sys_clock() - before, wrong = 0;

    if (result != 0)
        wrong += complain("a sleep failed with", (uint64_t)result);
    if (took < SLEEP_NS)
        wrong += complain("a sleep of 20 ms took only these ns:", took);
    if (sys_sleep(0) != 0)
        wrong += complain("a sleep of no time failed:", 0);
    return wrong;
}

/* The exit code is what a system call that does nothing takes, in TSC ticks. */
uint64_t ticks(uint64_t argument)
{
    uint64_t start = tsc_read_ordered();

    for (int i = 0; i < CALLS; i++)
        sys_call(NO_CALL, 0, 0, 0, 0, 0, 0);
    return (tsc_read_ordered() - start) / CALLS;
}
