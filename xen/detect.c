/* SPDX-License-Identifier: MIT */
#include "xen/detect.h"

#include "arch/x86_64/cpu.h"
#include "xen/abi/xen.h"

#define CPUID_1_ECX_HYPERVISOR (1u << 31)

#define LEAVES_FIRST 0x40000000u
#define LEAVES_LAST  0x4000ff00u
#define LEAVES_STEP  0x100u

static bool is_xen(struct cpuid leaf, uint32_t base)
{
    return leaf.ebx == XEN_CPUID_SIGNATURE_EBX && leaf.ecx == XEN_CPUID_SIGNATURE_ECX &&
           leaf.edx == XEN_CPUID_SIGNATURE_EDX && leaf.eax >= base && leaf.eax - base >= 2;
}

bool xen_detect(struct xen_info *xen, struct error *err)
{
    /* A bit test: `ecx && (1 << 31)` is true of nearly every CPU. */
    if (!(cpuid(1).ecx & CPUID_1_ECX_HYPERVISOR))
        return fail(err, XEN_ENODEV, "no Xen hypervisor");

    /* With viridian=1 the first leaves are Hyper-V's and Xen's come later. */
    for (uint32_t base = LEAVES_FIRST; base <= LEAVES_LAST; base += LEAVES_STEP) {
        struct cpuid first = cpuid(base);

        if (!is_xen(first, base))
            continue;

        uint32_t count = first.eax - base + 1;
        uint32_t version = cpuid(base + 1).eax;
        struct cpuid calls = cpuid(base + 2);

        *xen = (struct xen_info){
            .base = base,
            .count = count,
            .major = (uint16_t)(version >> 16), /* 16 bits each, not 8 */
            .minor = (uint16_t)version,
            .hypercall_pages = calls.eax,
            .hypercall_msr = calls.ebx, /* 0x40000200 with viridian, not `base` */
        };
        if (count > 3)
            xen->tsc_khz = cpuid(base + 3).ecx;
        if (count > 4) {
            struct cpuid hvm = cpuid(base + 4);

            xen->domid_known = hvm.eax & XEN_HVM_CPUID_DOMID_PRESENT; /* in ECX, not EBX */
            xen->domid = (uint16_t)hvm.ecx;
        }
        return true;
    }
    return fail(err, XEN_ENODEV, "no Xen hypervisor");
}
