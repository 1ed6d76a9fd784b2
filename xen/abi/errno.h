/* SPDX-License-Identifier: MIT */
/* Xen's error numbers, XEN_E*, and their names. Pure. Interface: xen/include/public/errno.h. */
#pragma once

#include <stdint.h>

#include <xen/errno.h>

/* The name of a hypercall's result: "EINVAL" for -22, "0" for 0 and above, "E?" for no error of
 * Xen's. */
const char *xen_errno_name(int64_t result);

/* The XEN_E* that `name` names, for example 22 for "EINVAL"; 0 if none does. */
int xen_errno_number(const char *name);
