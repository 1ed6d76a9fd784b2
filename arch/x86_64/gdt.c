/* SPDX-License-Identifier: MIT */
#include "arch/x86_64/gdt.h"

#include <stddef.h>
#include <stdint.h>

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/memlayout.h"
#include "arch/x86_64/vcpu.h"

#define MSR_GS_BASE        0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102 /* what SWAPGS exchanges it with */

_Static_assert(offsetof(struct tss, ist) == 0x24, "TSS: IST1 is at 0x24");
_Static_assert(sizeof(struct tss) == 0x68, "TSS: 104 bytes");

static struct vcpu boot_vcpu;

static const uint64_t segments[GDT_TSS / 8] = {
    [GDT_CODE / 8] = 0x00209a0000000000,      /* present, ring 0, execute-read, 64-bit */
    [GDT_DATA / 8] = 0x0000920000000000,      /* present, ring 0, read-write */
    [GDT_USER_DATA / 8] = 0x0000f20000000000, /* the same of ring 3 */
    [GDT_USER_CODE / 8] = 0x0020fa0000000000,
};

/* Anew each time: loading the TSS marks its descriptor as busy. */
static void fill_gdt(uint64_t *gdt, uint64_t tss, uint64_t limit)
{
    for (unsigned int i = 0; i < GDT_TSS / 8; i++)
        gdt[i] = segments[i];
    gdt[GDT_TSS / 8] =
        (limit & 0xffff) | (tss & 0xffffff) << 16 | 0x89ull << 40 | (tss >> 24 & 0xff) << 56;
    gdt[GDT_TSS / 8 + 1] = tss >> 32;
}

void gdt_load(struct vcpu *vcpu)
{
    vcpu->tss.rsp[0] = vcpu->entry_stack;
    vcpu->tss.io_map = sizeof(vcpu->tss);
    fill_gdt(vcpu->gdt, (uintptr_t)&vcpu->tss, sizeof(vcpu->tss) - 1);

    struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) pointer = {sizeof(vcpu->gdt) - 1, (uintptr_t)vcpu->gdt};

    /* A vCPU that Xen has just brought up has the segments that we want, but no selectors. */
    __asm__ volatile("lgdt %0\n"
                     "pushq %1\n"
                     "leaq 1f(%%rip), %%rax\n"
                     "pushq %%rax\n"
                     "lretq\n"
                     "1: mov %w2, %%ss\n"
                     "mov %w2, %%ds\n"
                     "mov %w2, %%es\n"
                     "ltr %w3\n"
                     :
                     : "m"(pointer), "i"(GDT_CODE), "r"(GDT_DATA), "r"(GDT_TSS)
                     : "rax", "memory");
    wrmsr(MSR_GS_BASE, (uintptr_t)vcpu);
    wrmsr(MSR_KERNEL_GS_BASE, 0);
}

void gdt_init(void)
{
    boot_vcpu.stack_bottom = (uintptr_t)boot_stack_bottom;
    boot_vcpu.stack_top = (uintptr_t)boot_stack_top;
    boot_vcpu.entry_stack_bottom = (uintptr_t)entry_stack_bottom;
    boot_vcpu.entry_stack = (uintptr_t)entry_stack_top;
    boot_vcpu.tss.ist[IST_DOUBLE_FAULT - 1] = (uintptr_t)double_fault_stack_top;
    boot_vcpu.tss.ist[IST_NMI - 1] = (uintptr_t)nmi_stack_top;
    boot_vcpu.tss.ist[IST_MACHINE_CHECK - 1] = (uintptr_t)machine_check_stack_top;
    boot_vcpu.tss.ist[IST_DEBUG - 1] = (uintptr_t)debug_stack_top;
    vcpu_add(&boot_vcpu);
    gdt_load(&boot_vcpu);
}
