/* SPDX-License-Identifier: MIT */
/* role=hypercall: everything that assignment_3 promises, as TAP. */
#ifndef XENOLITH_KERNEL_ROLE_HYPERCALL_H
#define XENOLITH_KERNEL_ROLE_HYPERCALL_H

#include <stdbool.h>

#include "kernel/why.h"
#include "xen/detect.h"

/* Runs the contract. False, with the reason, if a check failed or Xen lacks the hypercall. */
bool role_hypercall(const struct xen_leaves *xen, struct why *why);

#endif
