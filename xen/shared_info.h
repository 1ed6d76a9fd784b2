/* SPDX-License-Identifier: MIT */
/* The page that Xen shares with this domain. Interface: struct shared_info in xen.h. */
#ifndef XENOLITH_XEN_SHARED_INFO_H
#define XENOLITH_XEN_SHARED_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "xen/abi/xen.h"

/*
 * Has Xen put shared_info into a frame of xen/hole.h, never over RAM: XENMEM_add_to_physmap frees
 * what was there. False, with the reason, if there is no frame or Xen refuses.
 */
bool shared_info_init(struct error *err);

/* The page; Xen changes it under us. In the 64-bit layout once hypercall_init() has latched it. */
volatile struct shared_info *shared_info(void);

/*
 * Where the page holds its wall clock: true if a plausible one is in the 64-bit place, false if
 * it is not, as in the 32-bit layout that hvmloader's latch leaves behind.
 */
bool shared_info_is_64bit(void);

#endif
