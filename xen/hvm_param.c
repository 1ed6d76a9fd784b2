/* SPDX-License-Identifier: MIT */
#include "xen/hvm_param.h"

#include "arch/x86_64/memlayout.h"
#include "xen/hypercall.h"

bool hvm_param_get(uint32_t index, uint64_t *value, struct error *err)
{
    struct xen_hvm_param param = {.domid = DOMID_SELF, .index = index};

    if (!check_result(err, hypercall_hvm_op(HVMOP_get_param, &param),
                      "cannot read HVM parameter %u", index))
        return false;
    *value = param.value;
    return true;
}

bool hvm_param_set(uint32_t index, uint64_t value, struct error *err)
{
    struct xen_hvm_param param = {.domid = DOMID_SELF, .index = index, .value = value};

    return check_result(err, hypercall_hvm_op(HVMOP_set_param, &param),
                        "cannot set HVM parameter %u to 0x%lx", index, value);
}

bool hvm_param_ring(const char *what, uint32_t page_index, uint32_t port_index, uintptr_t *page,
                    evtchn_port_t *port, struct error *err)
{
    uint64_t gfn, channel;

    if (!hvm_param_get(page_index, &gfn, NULL) || !hvm_param_get(port_index, &channel, NULL) ||
        gfn == 0 || channel == 0)
        return fail(err, XEN_ENOENT, "the toolstack gave this domain no %s", what);
    if (gfn >= IDENTITY_LIMIT / PAGE_SIZE)
        return fail(err, XEN_ERANGE, "%s's ring is at gfn 0x%lx, expected one below 4 GiB", what,
                    gfn);
    if (channel >= EVTCHN_PORTS)
        return fail(err, XEN_ERANGE, "%s's event channel is %lu, expected one below %u", what,
                    channel, EVTCHN_PORTS);
    *page = gfn * PAGE_SIZE;
    *port = (evtchn_port_t)channel;
    return true;
}
