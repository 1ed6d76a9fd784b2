/* SPDX-License-Identifier: MIT */
/*
 * Suspending this domain, for a save or a migration, and making again what lives outside of its
 * RAM. Interface: SCHEDOP_shutdown in xen/include/public/sched.h.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "xen/detect.h"

struct suspension {
    bool restored;    /* into a new domain; else it went on in place */
    uint64_t away_ns; /* by the wall clock */
};

/*
 * Suspends this domain, after the other vCPUs have gone down and the consoles have delivered
 * everything. In a new domain it then finds Xen again, and resumes the hypercall page, shared_info,
 * the clock, event channels, Xen's console, the grant table and the other vCPUs; xenstore is left
 * to the caller.
 *   xen   filled again, with a new domain id
 *
 * On failure, that of the first of these steps, nothing in xen/ may be used but the console.
 */
bool suspend(struct xen_info *xen, struct suspension *suspension, struct error *err);
