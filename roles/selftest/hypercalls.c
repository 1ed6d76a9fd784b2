/* SPDX-License-Identifier: MIT */
/* The self-test of xen/detect, xen/hypercall and xen/shared_info. */
#include "boot/boot.h"
#include "kernel/tap.h"
#include "roles/selftest/checks.h"
#include "xen/abi/xen.h"
#include "xen/hypercall.h"
#include "xen/shared_info.h"

#define NOT_CANONICAL 0x8000000000000000ull

static void check_leaves(const struct xen_info *xen)
{
    tap_check(xen->base >= 0x40000000 && xen->base <= 0x4000ff00 && xen->base % 0x100 == 0,
              "leaves: they start where they may");
    tap_check(xen->count >= 3 && xen->count <= 0x100, "leaves: there are as many as needed");
    tap_check(xen->major >= 4, "leaves: the version is 4 or later");
    tap_check(hypercall_xen_version(XENVER_version, NULL) ==
                  (int64_t)((uint32_t)xen->major << 16 | xen->minor),
              "leaves: XENVER_version says the same version");
}

/* Each of Xen's stubs begins with an instruction; only the end of a stub may keep the poison. */
static void check_page(void)
{
    static const unsigned int used[] = {
        __HYPERVISOR_memory_op,      __HYPERVISOR_xen_version, __HYPERVISOR_console_io,
        __HYPERVISOR_sched_op,       __HYPERVISOR_hvm_op,      __HYPERVISOR_event_channel_op,
        __HYPERVISOR_grant_table_op,
    };
    bool overwritten = true;

    for (unsigned int i = 0; i < sizeof(used) / sizeof(used[0]); i++)
        overwritten = overwritten && hypercall_page[used[i] * 32ul] != HYPERCALL_POISON;
    tap_check(overwritten, "hypercall page: Xen overwrote its poison");
}

static void check_error(const char *what, int64_t result, int64_t expected)
{
    tap_check(result == -expected, "hypercall error: %s: -%s, expected -%s", what,
              xen_errno_name(result), xen_errno_name(-expected));
}

static void check_errors(const struct xen_info *xen)
{
    void *unmapped = (void *)NOT_CANONICAL;
    struct xen_add_to_physmap add = {.domid = DOMID_SELF, .space = 0xffff};
    struct xen_hvm_param param = {.domid = DOMID_SELF, .index = HVM_NR_PARAMS};
    struct sched_poll poll = {.nr_ports = 0xffff};
    struct evtchn_send send = {.port = 0xfffffff};

    check_error("xen_version, no such command", hypercall_xen_version(0xffff, NULL), XEN_ENOSYS);
    check_error("xen_version, bad pointer", hypercall_xen_version(XENVER_extraversion, unmapped),
                XEN_EFAULT);
    check_error("memory_op, no such command", hypercall_memory_op(63, NULL), XEN_ENOSYS);
    check_error("add_to_physmap, bad pointer", hypercall_memory_op(XENMEM_add_to_physmap, unmapped),
                XEN_EFAULT);
    check_error("add_to_physmap, no such space", hypercall_memory_op(XENMEM_add_to_physmap, &add),
                XEN_EINVAL);
    check_error("sched_op, no such command", hypercall_sched_op(0xffff, NULL), XEN_ENOSYS);
    check_error("shutdown, bad pointer", hypercall_sched_op(SCHEDOP_shutdown, unmapped),
                XEN_EFAULT);
    check_error("poll, too many ports", hypercall_sched_op(SCHEDOP_poll, &poll), XEN_EINVAL);
    check_error("hvm_op, no such command", hypercall_hvm_op(0xffff, NULL), XEN_ENOSYS);
    check_error("get_param, no such parameter", hypercall_hvm_op(HVMOP_get_param, &param),
                XEN_EINVAL);
    check_error("event_channel_op, no such command", hypercall_event_channel_op(0xffff, NULL),
                XEN_ENOSYS);
    check_error("send, no such port", hypercall_event_channel_op(EVTCHNOP_send, &send), XEN_EINVAL);
    check_error("memory_map, bad pointer", hypercall_memory_op(XENMEM_memory_map, unmapped),
                XEN_EFAULT);
    check_error("poll, bad pointer", hypercall_sched_op(SCHEDOP_poll, unmapped), XEN_EFAULT);
    check_error("console_io, no such command",
                hypercall(__HYPERVISOR_console_io, 0xffff, 0, 0, 0, 0),
                xen->domid_known && xen->domid == 0 ? XEN_ENOSYS : XEN_EPERM);
    check_error("grant_table_op, no such command", hypercall_grant_table_op(63, NULL, 0),
                XEN_ENOSYS);
    check_error("query_size, bad pointer",
                hypercall_grant_table_op(GNTTABOP_query_size, unmapped, 1), XEN_EFAULT);
    check_error("no such hypercall", hypercall(47, 0, 0, 0, 0, 0), XEN_ENOSYS);
}

void check_hypercalls(const struct options *options, const struct xen_info *xen)
{
    check_leaves(xen);
    check_page();
    tap_check(shared_info_is_64bit(), "shared_info: it has the 64-bit layout");
    check_errors(xen);
}
