/* SPDX-License-Identifier: MIT */
/* One instruction each: CPUID, MSRs, ports, the TSC, control registers. */
#pragma once

#include <stdint.h>

struct cpuid {
    uint32_t eax, ebx, ecx, edx;
};

/* CPUID leaf `leaf`, subleaf 0. Intel SDM volume 2, CPUID; AMD APM volume 3. */
static inline struct cpuid cpuid(uint32_t leaf)
{
    struct cpuid r;
    __asm__ volatile("cpuid"
                     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                     : "a"(leaf), "c"(0));
    return r;
}

#define CPUID_SMEP (1u << 7) /* leaf 7, EBX */
#define CPUID_SMAP (1u << 20)
#define CPUID_UMIP (1u << 2) /* leaf 7, ECX */

/* CPUID leaf 7, subleaf 0: nothing on a CPU that does not have it. */
static inline struct cpuid cpuid_features(void)
{
    return cpuid(0).eax >= 7 ? cpuid(7) : (struct cpuid){0};
}

/* Writes a model specific register. An MSR that does not exist is a #GP. */
static inline void wrmsr(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr"
                     :
                     : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
                     : "memory");
}

/* Reads a model specific register. One that does not exist is a #GP. */
static inline uint64_t rdmsr(uint32_t msr)
{
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (uint64_t)high << 32 | low;
}

#define MSR_EFER 0xc0000080
#define EFER_SCE (1u << 0) /* SYSCALL */
#define EFER_LMA (1u << 10)

/* What EFER was set to: without the bit that the CPU sets itself. */
static inline uint64_t efer_read(void)
{
    return rdmsr(MSR_EFER) & ~(uint64_t)EFER_LMA;
}

static inline void port_write8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

/* Reads a port. One that nothing answers reads 0xff. */
static inline uint8_t port_read8(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

/*
 * The time stamp counter, in ticks, read after every earlier load has completed: a bare RDTSC may
 * run ahead of the version check that guards it.
 */
static inline uint64_t tsc_read_ordered(void)
{
    uint32_t low, high;
    __asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

/* The linear address of the last page fault. */
static inline uint64_t cr2_read(void)
{
    uint64_t value;
    __asm__ volatile("mov %%cr2, %0" : "=r"(value));
    return value;
}

#define CR0_EM (1u << 2) /* no x87 FPU: its instructions are #NM */

static inline uint64_t cr0_read(void)
{
    uint64_t value;
    __asm__ volatile("mov %%cr0, %0" : "=r"(value));
    return value;
}

static inline void cr0_write(uint64_t value)
{
    __asm__ volatile("mov %0, %%cr0" : : "r"(value) : "memory");
}

/* The physical address of the top page table. */
static inline uint64_t cr3_read(void)
{
    uint64_t value;
    __asm__ volatile("mov %%cr3, %0" : "=r"(value));
    return value;
}

/* Drops the TLB's entries for all pages: none of ours are global. */
static inline void tlb_flush(void)
{
    __asm__ volatile("mov %0, %%cr3" : : "r"(cr3_read()) : "memory");
}

#define CR4_PAE  (1u << 5)
#define CR4_UMIP (1u << 11) /* ring 3 cannot read where GDT, IDT and LDT are */
#define CR4_SMEP (1u << 20) /* ring 0 cannot execute user pages */
#define CR4_SMAP (1u << 21) /* ring 0 cannot touch user pages while FLAGS_AC is clear */

static inline uint64_t cr4_read(void)
{
    uint64_t value;
    __asm__ volatile("mov %%cr4, %0" : "=r"(value));
    return value;
}

static inline void cr4_write(uint64_t value)
{
    __asm__ volatile("mov %0, %%cr4" : : "r"(value) : "memory");
}

#define FLAGS_ARITHMETIC 0x8d5u /* carry, parity, adjust, zero, sign, overflow */
#define FLAGS_ALWAYS     0x2u
#define FLAGS_TF         (1u << 8)
#define FLAGS_IF         (1u << 9)
#define FLAGS_DF         (1u << 10)
#define FLAGS_IOPL       (3u << 12)
#define FLAGS_NT         (1u << 14)
#define FLAGS_AC         (1u << 18)
#define FLAGS_ID         (1u << 21)

static inline uint64_t flags_read(void)
{
    uint64_t value;
    __asm__ volatile("pushfq; pop %0" : "=r"(value));
    return value;
}

/* Drops the TLB's entry for the page at `address`. */
static inline void tlb_flush_page(uint64_t address)
{
    __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

/* Keeps the compiler, not the CPU, from moving memory accesses across. */
static inline void compiler_barrier(void)
{
    __asm__ volatile("" : : : "memory");
}

/* Tells the CPU that this is a loop that waits for another one. */
static inline void cpu_pause(void)
{
    __asm__ volatile("pause" : : : "memory");
}

/*
 * Sleeps until the next interrupt, which need never come. Interrupts are on: Xen powers a domain
 * off if it halts with interrupts disabled.
 */
static inline void cpu_halt(void)
{
    __asm__ volatile("sti; hlt");
}
