/* SPDX-License-Identifier: MIT */
/* Finding Xen. Interface: xen/include/public/arch-x86/cpuid.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"

/* What Xen's CPUID leaves say. */
struct xen_info {
    uint32_t base;  /* 0x40000000, or higher when other hypervisors' leaves come first */
    uint32_t count; /* leaves from base, at least 3: base to base + 2 */
    uint16_t major, minor;
    uint32_t hypercall_pages;
    uint32_t hypercall_msr; /* takes the hypercall page's address; need not equal `base` */
    uint32_t tsc_khz;       /* frequency of our TSC; 0 if this Xen does not report it */
    bool domid_known;       /* Xen 4.11 and later tell a guest its own domain id */
    uint16_t domid;
};

/* Fills `xen` from the leaves. XEN_ENODEV: there is no Xen hypervisor. */
bool xen_detect(struct xen_info *xen, struct error *err);
