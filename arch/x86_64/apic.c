/* SPDX-License-Identifier: MIT */
#include "arch/x86_64/apic.h"

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/traps.h"

#define CPUID_X2APIC (1u << 21) /* leaf 1, ECX */

#define MSR_APIC_BASE       0x1b
#define MSR_X2APIC_EOI      0x80b
#define MSR_X2APIC_SPURIOUS 0x80f
#define MSR_X2APIC_ICR      0x830

#define APIC_BASE_X2APIC (1u << 10)
#define APIC_BASE_ENABLE (1u << 11)
#define SPURIOUS_ENABLE  (1u << 8)
#define SPURIOUS_VECTOR  0xff
#define ICR_INIT         (5u << 8)
#define ICR_ASSERT       (1u << 14)
#define ICR_ALL_OTHERS   (3u << 18)

bool apic_is_x2apic(void)
{
    return cpuid(1).ecx & CPUID_X2APIC;
}

static void ignore(const struct trap_frame *frame)
{
}

void apic_enable(void)
{
    interrupts_register(SPURIOUS_VECTOR, ignore); /* it needs no EOI */
    wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE | APIC_BASE_X2APIC);
    wrmsr(MSR_X2APIC_SPURIOUS, SPURIOUS_ENABLE | SPURIOUS_VECTOR);
}

void apic_eoi(void)
{
    wrmsr(MSR_X2APIC_EOI, 0);
}

void apic_reset_others(void)
{
    apic_enable();
    wrmsr(MSR_X2APIC_ICR, ICR_ALL_OTHERS | ICR_ASSERT | ICR_INIT);
}
