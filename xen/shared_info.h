/* SPDX-License-Identifier: MIT */
/* The page that Xen shares with this domain. Interface: struct shared_info in xen.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "arch/x86_64/vcpu.h"
#include "lib/error.h"
#include "xen/abi/xen.h"

/*
 * Makes Xen put shared_info into an unpopulated frame, never over RAM, which XENMEM_add_to_physmap
 * would free. Needs unpopulated_init(). XEN_ENOSPC: there is no frame; else Xen's error.
 */
bool shared_info_init(struct error *err);

/*
 * Whether the page is there. In a domain that was restored there is a hole in its place, which
 * shared_info_resume() fills: where it was. On failure: Xen's error.
 */
bool shared_info_is_mapped(void);
bool shared_info_resume(struct error *err);

/* The page; Xen changes it under us. In the 64-bit layout once hypercall_init() has latched it. */
volatile struct shared_info *shared_info(void);

/*
 * The vcpu_info of the vCPU that executes this: there is one for each of the first
 * XEN_LEGACY_MAX_VCPUS in that page; the others have their own (xen/vcpus.h).
 */
static inline volatile struct vcpu_info *shared_info_vcpu(void)
{
    struct vcpu *vcpu = vcpu_self();

    if (!vcpu->info)
        vcpu->info = &shared_info()->vcpu_info[vcpu->id];
    return vcpu->info;
}

/*
 * Whether the page has a plausible wall clock where the 64-bit layout has it. Not so in the 32-bit
 * layout that hvmloader's latch leaves behind.
 */
bool shared_info_is_64bit(void);
