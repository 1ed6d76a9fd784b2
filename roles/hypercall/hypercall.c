/* SPDX-License-Identifier: MIT */
/* role=hypercall: everything that assignment_3 promises, as TAP. */
#include "arch/x86_64/memlayout.h"
#include "arch/x86_64/paging.h"
#include "kernel/printk.h"
#include "kernel/tap.h"
#include "roles/hypercall/conformance.h"
#include "roles/role.h"
#include "xen/abi/assignment_3.h"
#include "xen/assignment.h"
#include "xen/clock.h"
#include "xen/lifecycle.h"
#include "xen/unpopulated.h"

#define RANDOM_CALLS  10000
#define FLOOD_CALLS   1000
#define NOT_CANONICAL 0x8000000000000000ull

bool role_hypercall(const struct options *options, const struct xen_info *xen, struct error *err)
{
    static uint8_t arguments[CONFORMANCE_PAGE] __attribute__((aligned(CONFORMANCE_PAGE)));
    static uint8_t last[2 * CONFORMANCE_PAGE] __attribute__((aligned(CONFORMANCE_PAGE))) = {0};
    static const uint8_t constant[sizeof(struct xen_assignment_3_info)] = {0};
    const struct conformance conformance = {
        .buffer = (uint8_t *)(uintptr_t)FREE_RAM_BASE,
        .arguments = arguments,
        .unmapped = NOT_CANONICAL,
        .end = (uintptr_t)last + CONFORMANCE_PAGE,
        .read_only = (uintptr_t)constant,
        .domid = xen->domid_known ? xen->domid : CONFORMANCE_DOMID_ANY,
        .hvm = true,
    };

    if (!unpopulated_is_ram(FREE_RAM_BASE, CONFORMANCE_BUFFER_SIZE))
        return fail(err, XEN_ENOMEM, "no buffer: expected %u KiB of RAM at 0x%x",
                    CONFORMANCE_BUFFER_SIZE / 1024, FREE_RAM_BASE);
    paging_unmap(conformance.end, 1);
    printk("TAP version 13\n");
    if (!tap_check(assignment_call(ASSIGNMENT_3_info, arguments) != -XEN_ENOSYS,
                   "Xen has the hypercall")) {
        tap_done();
        return fail(err, XEN_ENOSYS, "assignment_3 is not in this hypervisor");
    }
    conformance_run(&conformance);
    if (!lifecycle_look(err))
        return false;
    conformance_run_random(&conformance, RANDOM_CALLS, (uint32_t)clock_monotonic_ns() | 1);
    if (!lifecycle_look(err))
        return false;
    conformance_run_flood(FLOOD_CALLS);

    unsigned int failures = tap_done();

    return failures == 0 || fail(err, XEN_EIO, "%u hypercall checks failed", failures);
}
