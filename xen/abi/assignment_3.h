/* SPDX-License-Identifier: MIT */
/*
 * The hypercall that our patch adds to Xen, as the patch declares it: also for 32-bit callers
 * and for programs in dom0, which is why it is apart from xen/abi/xen.h.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "xen/abi/errno.h"
#include "xen/abi/interface.h"
#include "xen/hypercall-patch/assignment_3.h"

#ifndef __HYPERVISOR_assignment_3
#define __HYPERVISOR_assignment_3 46 /* a patched Xen's xen.h has it, too */
#endif

_Static_assert(offsetof(struct xen_assignment_3_info, calls) == 16, "calls");
_Static_assert(sizeof(struct xen_assignment_3_info) == 24, "struct xen_assignment_3_info");
_Static_assert(offsetof(struct xen_assignment_3_checksum, done) == 16, "done");
_Static_assert(sizeof(struct xen_assignment_3_checksum) == 24, "struct xen_assignment_3_checksum");
