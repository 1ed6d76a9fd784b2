/* SPDX-License-Identifier: MIT */
/*
 * Hypercalls. Interface: xen/include/public/arch-x86/xen-x86_64.h and each operation's header.
 * Each returns Xen's result: 0 or a positive value, or a negative XEN_E*.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "xen/detect.h"

/* How hypercalls are made: through the page that Xen fills, or by the CPU's own instruction. */
enum hypercall_method { HYPERCALL_PAGE, HYPERCALL_DIRECT };

/*
 * Makes Xen fill boot/boot.asm's hypercall_page. As this is done from long mode, it latches the
 * 64-bit layout of shared_info. After a failure no hypercall may be made, but for HYPERCALL_PAGE's
 * after XEN_ENOSYS. Another call selects another method.
 *   method   the page is filled for both
 * XEN_EINVAL: Xen asks for more than one page; XEN_EIO: it left the page as it was; XEN_ENOSYS: for
 * HYPERCALL_DIRECT, its stubs hold no instruction that we know.
 */
bool hypercall_init(const struct xen_info *xen, enum hypercall_method method, struct error *err);

/* After a restore: the same again, with the same method. Fails alike. */
bool hypercall_resume(const struct xen_info *xen, struct error *err);

/* The method in use, for people: "page", "vmcall" or "vmmcall". */
const char *hypercall_method_name(void);

/* Hypercall `number` (__HYPERVISOR_*) with up to 5 arguments; unused ones are 0. */
int64_t hypercall(unsigned int number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                  uint64_t a5);

/* XENVER_*: version.h. XENMEM_*: memory.h. SCHEDOP_*: sched.h. */
int64_t hypercall_xen_version(unsigned int command, void *argument);
int64_t hypercall_memory_op(unsigned int command, void *argument);
int64_t hypercall_sched_op(unsigned int command, void *argument);

/* EVTCHNOP_*: event_channel.h. HVMOP_*: hvm/hvm_op.h. */
int64_t hypercall_event_channel_op(unsigned int command, void *argument);
int64_t hypercall_hvm_op(unsigned int command, void *argument);

/* VCPUOP_* on vCPU `vcpu`: vcpu.h. */
int64_t hypercall_vcpu_op(unsigned int command, unsigned int vcpu, void *argument);

/* GNTTABOP_* on the `count` operations at `operations`: grant_table.h. */
int64_t hypercall_grant_table_op(unsigned int command, void *operations, unsigned int count);

/* CONSOLEIO_write of `size` bytes: xen.h. -XEN_EPERM in a guest, unless Xen is a debug build. */
int64_t hypercall_console_write(const char *text, uint64_t size);

/* How many hypercalls were made so far. */
uint64_t hypercall_count(void);
