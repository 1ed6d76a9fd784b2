/* SPDX-License-Identifier: MIT */
#include "xen/shared_info.h"

#include "arch/x86_64/memlayout.h"
#include "xen/hypercall.h"
#include "xen/unpopulated.h"

static volatile struct shared_info *page; /* after a restore: shared_info_resume() */

bool shared_info_init(struct error *err)
{
    struct xen_add_to_physmap add = {.domid = DOMID_SELF, .space = XENMAPSPACE_shared_info};
    uint64_t address;
    int64_t result;

    for (;;) {
        add.gpfn = unpopulated_first() / PAGE_SIZE;
        result = hypercall_memory_op(XENMEM_add_to_physmap, &add);
        if (result != -XEN_EPERM) /* a device's memory is there (p2m_mmio_direct) */
            break;
        if (!unpopulated_move(err))
            return false;
    }
    if (!check_result(err, result, "cannot map shared_info at gfn 0x%lx", add.gpfn))
        return false;
    if (!unpopulated_alloc(1, true, &address, err))
        return false;
    page = (volatile struct shared_info *)address;
    return true;
}

bool shared_info_is_mapped(void)
{
    /* A hole reads as ones; Xen only knows 0 and 1. */
    return page->vcpu_info[0].evtchn_upcall_pending != 0xff;
}

bool shared_info_resume(struct error *err)
{
    struct xen_add_to_physmap add = {
        .domid = DOMID_SELF,
        .space = XENMAPSPACE_shared_info,
        .gpfn = (uintptr_t)page / PAGE_SIZE,
    };

    return check_result(err, hypercall_memory_op(XENMEM_add_to_physmap, &add),
                        "cannot map shared_info at gfn 0x%lx again", add.gpfn);
}

volatile struct shared_info *shared_info(void)
{
    return page;
}

bool shared_info_is_64bit(void)
{
    return page->wc_version != 0 && page->wc_sec != 0;
}
