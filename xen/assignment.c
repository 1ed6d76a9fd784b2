/* SPDX-License-Identifier: MIT */
#include "xen/assignment.h"

#include "kernel/printk.h"
#include "xen/abi/assignment_3.h"
#include "xen/hypercall.h"

int64_t assignment_call(unsigned int command, void *argument)
{
    return hypercall(__HYPERVISOR_assignment_3, command, (uintptr_t)argument, 0, 0, 0);
}

int64_t assignment_multicall(struct multicall_entry *entries, unsigned int count)
{
    return hypercall(__HYPERVISOR_multicall, (uintptr_t)entries, count, 0, 0, 0);
}

void assignment_print(void)
{
    struct xen_assignment_3_info info = {0};
    int64_t result = assignment_call(ASSIGNMENT_3_info, &info);

    if (result == -XEN_ENOSYS) {
        printk(">> assignment_3: not in this hypervisor (-ENOSYS)\n");
        return;
    }
    if (result < 0) {
        printk(">> assignment_3: refused (-%s)\n", xen_errno_name(result));
        return;
    }
    printk(">> assignment_3: version %u, domain %u, %s, call %lu\n", info.version, info.domid,
           info.flags & ASSIGNMENT_3_INFO_HVM ? "HVM" : "PV", info.calls);

    result = assignment_call(ASSIGNMENT_3_hello, NULL);
    if (result < 0)
        printk(">> assignment_3: hello refused (-%s)\n", xen_errno_name(result));
}
