/* SPDX-License-Identifier: MIT */
/* role=selftest: what the kernel can check about itself and about this Xen, as TAP. */
#ifndef XENOLITH_KERNEL_ROLE_SELFTEST_H
#define XENOLITH_KERNEL_ROLE_SELFTEST_H

#include <stdbool.h>

#include "kernel/cmdline.h"
#include "kernel/why.h"
#include "xen/detect.h"

/* Runs every check. False, with the number that failed as reason, unless all passed. */
bool role_selftest(const struct cmdline *line, const struct xen_leaves *xen, struct why *why);

#endif
