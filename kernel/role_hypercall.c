/* SPDX-License-Identifier: MIT */
#include "kernel/role_hypercall.h"

#include "arch/x86_64/memlayout.h"
#include "kernel/printk.h"
#include "kernel/role_contract.h"
#include "kernel/tap.h"
#include "xen/assignment.h"
#include "xen/assignment_abi.h"
#include "xen/time.h"

#define RANDOM_CALLS  10000
#define FLOOD_CALLS   1000
#define NOT_CANONICAL 0x8000000000000000ull

bool role_hypercall(const struct xen_leaves *xen, struct why *why)
{
    static uint8_t buffer[CONTRACT_BUFFER_SIZE] __attribute__((aligned(CONTRACT_PAGE)));
    static const uint8_t constant[sizeof(struct xen_assignment_3_info)] = {0};
    const struct contract contract = {
        .buffer = buffer,
        .unmapped = NOT_CANONICAL,
        .end = (uintptr_t)double_fault_stack_top, /* unused; a guard page follows */
        .read_only = (uintptr_t)constant,
        .domid = xen->domid_known ? xen->domid : CONTRACT_DOMID_ANY,
        .hvm = true,
    };
    struct xen_assignment_3_info info;

    printk("TAP version 13\n");
    if (!tap_check(assignment_call(ASSIGNMENT_3_info, &info) != -XEN_ENOSYS,
                   "Xen has the hypercall")) {
        tap_done();
        return why_say(why, "assignment_3 is not in this hypervisor");
    }
    contract_run(&contract);
    contract_run_random(&contract, RANDOM_CALLS, (uint32_t)clock_monotonic_ns() | 1);
    contract_run_flood(FLOOD_CALLS);

    unsigned int failures = tap_done();

    return failures == 0 || why_say(why, "%u hypercall checks failed", failures);
}
