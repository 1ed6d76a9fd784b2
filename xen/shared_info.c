/* SPDX-License-Identifier: MIT */
#include "xen/shared_info.h"

#include "arch/x86_64/memlayout.h"
#include "xen/hole.h"
#include "xen/hypercall.h"

static volatile struct shared_info *page;

bool shared_info_init(struct why *why)
{
    uint64_t address;

    if (!hole_take(1, true, &address, why))
        return false;

    struct xen_add_to_physmap add = {
        .domid = DOMID_SELF,
        .space = XENMAPSPACE_shared_info,
        .idx = 0,
        .gpfn = address / PAGE_SIZE,
    };
    int64_t result = hypercall_memory_op(XENMEM_add_to_physmap, &add);

    if (result < 0)
        return why_say(why, "Xen refuses to map shared_info at gfn 0x%lx: -%s", add.gpfn,
                       hypercall_error_name(result));
    page = (volatile struct shared_info *)address;
    return true;
}

volatile struct shared_info *shared_info(void)
{
    return page;
}

bool shared_info_is_64bit(void)
{
    return page->wc_version != 0 && page->wc_sec != 0;
}
