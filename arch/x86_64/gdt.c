/* SPDX-License-Identifier: MIT */
#include "arch/x86_64/gdt.h"

#include <stddef.h>
#include <stdint.h>

#include "arch/x86_64/memlayout.h"

struct tss {
    uint32_t reserved0;
    uint64_t rsp[3];
    uint64_t reserved1;
    uint64_t ist[7];
    uint64_t reserved2;
    uint16_t reserved3;
    uint16_t io_map; /* beyond the limit: no map */
} __attribute__((packed));

_Static_assert(offsetof(struct tss, ist) == 0x24, "TSS: IST1 is at 0x24");
_Static_assert(sizeof(struct tss) == 0x68, "TSS: 104 bytes");

/* Per vCPU. */
static struct tss tss;

static uint64_t gdt[7] = {
    [GDT_CODE / 8] = 0x00209a0000000000,      /* present, ring 0, execute-read, 64-bit */
    [GDT_DATA / 8] = 0x0000920000000000,      /* present, ring 0, read-write */
    [GDT_USER_DATA / 8] = 0x0000f20000000000, /* the same of ring 3 */
    [GDT_USER_CODE / 8] = 0x0020fa0000000000,
};

static void set_tss_descriptor(uint64_t base, uint64_t limit)
{
    gdt[GDT_TSS / 8] =
        (limit & 0xffff) | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24 & 0xff) << 56;
    gdt[GDT_TSS / 8 + 1] = base >> 32;
}

void gdt_init(void)
{
    tss.rsp[0] = (uintptr_t)entry_stack_top;
    tss.ist[IST_DOUBLE_FAULT - 1] = (uintptr_t)double_fault_stack_top;
    tss.ist[IST_NMI - 1] = (uintptr_t)nmi_stack_top;
    tss.ist[IST_MACHINE_CHECK - 1] = (uintptr_t)machine_check_stack_top;
    tss.ist[IST_DEBUG - 1] = (uintptr_t)debug_stack_top;
    tss.io_map = sizeof(tss);
    set_tss_descriptor((uintptr_t)&tss, sizeof(tss) - 1);

    struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) pointer = {sizeof(gdt) - 1, (uintptr_t)gdt};

    /* The selectors do not change, so what the segment registers cache stays true. */
    __asm__ volatile("lgdt %0; ltr %w1" : : "m"(pointer), "r"(GDT_TSS) : "memory");
}
