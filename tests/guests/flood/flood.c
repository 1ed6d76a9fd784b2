/* SPDX-License-Identifier: MIT */
/*
 * A kernel that prints 64 KiB, for tests/scenarios/console.sh: linked in place of
 * roles/selftest/selftest.c, so role=selftest does it. message= picks what else is done.
 *
 *   gone           begins later, when others have been created
 *   late           the same, and sleeps a while after it, and prints a last line
 *   disconnected   the same, and says meanwhile, in the far side's name, that nobody reads the ring
 */
#include "arch/x86_64/memlayout.h"
#include "kernel/printk.h"
#include "lib/string.h"
#include "lib/units.h"
#include "roles/role.h"
#include "xen/abi/xen.h"
#include "xen/clock.h"
#include "xen/hvm_param.h"

#define LINES 1024 /* of 64 bytes */

static void say_connection(uint8_t connection)
{
    uint64_t gfn;

    if (hvm_param_get(HVM_PARAM_CONSOLE_PFN, &gfn, NULL))
        ((volatile struct xencons_interface_4_21 *)(gfn * PAGE_SIZE))->connection = connection;
}

bool role_selftest(const struct options *options, const struct xen_info *xen, struct error *err)
{
    bool disconnected = strcmp(options->message, "disconnected") == 0;
    bool late = disconnected || strcmp(options->message, "late") == 0;
    bool soon = !late && strcmp(options->message, "gone") != 0;
    uint64_t start;

    (void)xen;
    printk("The flood begins soon\n");
    if (!clock_sleep((soon ? 3 : 15) * NS_PER_SECOND, err))
        return false;

    if (disconnected)
        say_connection(XENCONSOLE_DISCONNECTED);
    start = clock_monotonic_ns();
    for (unsigned int i = 0; i < LINES; i++)
        printk("flood %04u 0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP\n", i);
    start = clock_monotonic_ns() - start;
    if (disconnected)
        say_connection(XENCONSOLE_CONNECTED);

    if (late && !clock_sleep(20 * NS_PER_SECOND, err))
        return false;
    if (late)
        printk("After the flood, which took %s\n", start / NS_PER_SECOND < 25 ? "no time" : "long");
    return true;
}
