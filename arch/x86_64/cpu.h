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

/* Writes a model specific register. An MSR that does not exist is a #GP. */
static inline void wrmsr(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr"
                     :
                     : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
                     : "memory");
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

/* The physical address of the top page table. */
static inline uint64_t cr3_read(void)
{
    uint64_t value;
    __asm__ volatile("mov %%cr3, %0" : "=r"(value));
    return value;
}

#define CR4_PAE (1u << 5)

static inline uint64_t cr4_read(void)
{
    uint64_t value;
    __asm__ volatile("mov %%cr4, %0" : "=r"(value));
    return value;
}

#define FLAGS_ARITHMETIC 0x8d5u /* carry, parity, adjust, zero, sign, overflow */
#define FLAGS_ALWAYS     0x2u

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

/*
 * Sleeps until the next interrupt, which need never come. Interrupts are on: Xen powers a domain
 * off if it halts with interrupts disabled.
 */
static inline void cpu_halt(void)
{
    __asm__ volatile("sti; hlt");
}
