/* SPDX-License-Identifier: MIT */
/* A program that makes random system calls. */
#include "arch/x86_64/memlayout.h"
#include "kernel/syscalls.h"
#include "user/text.h"
#include "user/user.h"
#include "xen/abi/errno.h"

#define CALLS    100000
#define PAUSE_NS 2000 /* the longest sleep: most would last until the program's time is up */

/* xorshift64*: the same sequence from the same seed. */
static uint64_t next(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * 0x2545f4914f6cdd1d;
}

/* Any number, or one around the borders of what is there. */
static uint64_t argument_from(uint64_t *seed)
{
    static const uint64_t borders[] = {
        0,          KERNEL_BASE, IDENTITY_LIMIT, USER_START, USER_DEMAND,  USER_DEMAND_END,
        USER_CLOCK, USER_STACK,  USER_STACK_TOP, USER_END,   0 - USER_END, SYS_SLEEP_MAX,
    };
    uint64_t choice = next(seed), number = next(seed);

    switch (choice % 4) {
    case 0:
        return number;
    case 1:
        return number >> (choice >> 32) % 64;
    default:
        return borders[choice / 4 % (sizeof(borders) / sizeof(borders[0]))] + number % 512 - 256;
    }
}

static int is_allowed(uint64_t number, int64_t result)
{
    switch (number) {
    case SYS_WRITE:
        return result == -XEN_EFAULT || (result >= 0 && result <= SYS_WRITE_MAX);
    case SYS_CLOCK:
        return result > 0;
    case SYS_SLEEP:
        return result == 0 || result == -XEN_EINVAL;
    default:
        return result == -XEN_ENOSYS;
    }
}

/* Returns how many calls gave what they must not, or 1 if there were not both failures and
 * successes.
 */
uint64_t random_calls(uint64_t seed)
{
    uint64_t wrong = 0, good = 0;

    for (uint64_t i = 0; i < CALLS; i++) {
        uint64_t number = next(&seed) % 2 ? next(&seed) % SYS_EXIT : argument_from(&seed);
        uint64_t a[6];

        for (unsigned int n = 0; n < 6; n++)
            a[n] = argument_from(&seed);
        if (number == SYS_EXIT)
            number = SYS_WRITE;
        if (number == SYS_SLEEP && a[0] <= SYS_SLEEP_MAX)
            a[0] %= PAUSE_NS;

        int64_t result = sys_call(number, a[0], a[1], a[2], a[3], a[4], a[5]);

        good += result >= 0;
        if (!is_allowed(number, result))
            wrong += complain("a random call gives", (uint64_t)result);
    }
    return wrong ? wrong : good == 0 || good == CALLS;
}
