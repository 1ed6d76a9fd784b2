/* SPDX-License-Identifier: MIT */
/* Programs about memory and system calls. Each returns how many things were not as they should be.
 */
#include "arch/x86_64/memlayout.h"
#include "user/text.h"
#include "user/user.h"
#include "xen/abi/errno.h"

#define KERNEL_HIGH   0xffff800000000000
#define NOT_CANONICAL 0x8000000000000000

/* Pages on demand: zeros at first, then what was written; also where only the kernel touches them.
 */
uint64_t demands(uint64_t argument)
{
    volatile uint64_t *word = (volatile uint64_t *)USER_DEMAND;
    const size_t page = PAGE_SIZE / sizeof(*word);
    const size_t last = (USER_DEMAND_END - USER_DEMAND) / sizeof(*word) - 1;
    uint64_t wrong = 0;

    if (sys_write((const void *)(USER_DEMAND + PAGE_SIZE), 1) != 1)
        wrong += complain("the kernel does not read a page on demand at", USER_DEMAND + PAGE_SIZE);
    for (size_t at = 0; at <= last; at++)
        if (word[at] != 0)
            wrong += complain("there are no zeros at", (uint64_t)&word[at]);
    for (size_t at = 0; at <= last; at += page)
        word[at] = at + 1;
    word[last] = UINT64_MAX;
    for (size_t at = 0; at <= last; at += page)
        if (word[at] != at + 1)
            wrong += complain("another value than was written is at", (uint64_t)&word[at]);
    if (word[last] != UINT64_MAX)
        wrong += complain("another value than was written is at", (uint64_t)&word[last]);
    return wrong;
}

uint64_t exits(uint64_t argument)
{
    sys_call(SYS_EXIT, argument, 0, 0, 0, 0, 0);
    return ~argument;
}

/* Every bad system call, and the good ones next to them. */
uint64_t bad_calls(uint64_t argument)
{
    static const struct {
        uint64_t number, a1, a2;
        int64_t expected;
    } calls[] = {
        {SYS_EXIT + 1, 0, 0, -XEN_ENOSYS},
        {UINT64_MAX, 0, 0, -XEN_ENOSYS},
        {1ull << 32 | SYS_EXIT, 1, 0, -XEN_ENOSYS},
        {1ull << 63 | SYS_EXIT, 1, 0, -XEN_ENOSYS},
        {SYS_SLEEP, SYS_SLEEP_MAX + 1, 0, -XEN_EINVAL},
        {SYS_SLEEP, UINT64_MAX, 0, -XEN_EINVAL},
        {SYS_WRITE, 0, 1, -XEN_EFAULT},
        {SYS_WRITE, KERNEL_BASE, 16, -XEN_EFAULT},
        {SYS_WRITE, USER_START - PAGE_SIZE, 1, -XEN_EFAULT},
        {SYS_WRITE, USER_END, 1, -XEN_EFAULT},
        {SYS_WRITE, NOT_CANONICAL, 1, -XEN_EFAULT},
        {SYS_WRITE, KERNEL_HIGH, 1, -XEN_EFAULT},
        {SYS_WRITE, UINT64_MAX, 1, -XEN_EFAULT},
        /* Across the borders of the user half, both of which have a page on this side. */
        {SYS_WRITE, USER_START - 8, 16, -XEN_EFAULT},
        {SYS_WRITE, USER_END - 8, 16, -XEN_EFAULT},
        {SYS_WRITE, USER_START, UINT64_MAX, -XEN_EFAULT},
        {SYS_WRITE, USER_START, USER_END - USER_START + 1, -XEN_EFAULT},
        {SYS_WRITE, USER_START, 0 - USER_START, -XEN_EFAULT},
        /* Pages of the user half that are not there. */
        {SYS_WRITE, USER_DEMAND - PAGE_SIZE, 1, -XEN_EFAULT},
        {SYS_WRITE, USER_STACK_TOP, 1, -XEN_EFAULT},
        {SYS_WRITE, USER_STACK_TOP - 8, 16, -XEN_EFAULT},
        {SYS_WRITE, USER_STACK_TOP, 0, 0},
    };
    char text[SYS_WRITE_MAX + 1];
    uint64_t wrong = 0;

    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = '.';
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        int64_t result = sys_call(calls[i].number, calls[i].a1, calls[i].a2, 0, 0, 0, 0);

        if (result != calls[i].expected) {
            complain("system call", calls[i].number);
            complain("    with", calls[i].a1);
            complain("    and", calls[i].a2);
            wrong += complain("    gives", (uint64_t)result);
        }
    }
    if (sys_write(text, sizeof(text)) != SYS_WRITE_MAX)
        wrong += complain("a text is not cut:", sizeof(text));
    return wrong;
}
