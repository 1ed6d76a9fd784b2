/* SPDX-License-Identifier: MIT */
/* role=selftest: what the kernel can check about itself and about this Xen, as TAP. */
#ifndef XENOLITH_ROLES_SELFTEST_SELFTEST_H
#define XENOLITH_ROLES_SELFTEST_SELFTEST_H

#include <stdbool.h>

#include "lib/error.h"
#include "roles/options.h"
#include "xen/detect.h"

/* Runs every check. False, with the number that failed as reason, unless all passed. */
bool role_selftest(const struct options *options, const struct xen_info *xen, struct error *err);

#endif
