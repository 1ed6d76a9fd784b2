/* SPDX-License-Identifier: MIT */
/* role=hypercall: everything that assignment_3 promises, as TAP. */
#ifndef XENOLITH_ROLES_HYPERCALL_HYPERCALL_H
#define XENOLITH_ROLES_HYPERCALL_HYPERCALL_H

#include <stdbool.h>

#include "lib/error.h"
#include "xen/detect.h"

/* Runs the contract. False, with the reason, if a check failed or Xen lacks the hypercall. */
bool role_hypercall(const struct xen_info *xen, struct error *err);

#endif
