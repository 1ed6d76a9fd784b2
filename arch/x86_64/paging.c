/* SPDX-License-Identifier: MIT */
#include "arch/x86_64/paging.h"

#include <stddef.h>

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/memlayout.h"

#define PTE_PRESENT 0x001ull
#define PTE_WRITE   0x002ull
#define PTE_NX      (1ull << 63)
#define PTE_ADDRESS 0x000ffffffffff000ull

#define TABLE_ENTRIES 512
#define SPARE_TABLES  20

typedef uint64_t table[TABLE_ENTRIES];

/* Page tables that boot did not need; handed out once, never given back. */
static table spare[SPARE_TABLES] __attribute__((aligned(PAGE_SIZE)));
static unsigned int spare_used;

unsigned int paging_physical_bits(void)
{
    unsigned int bits = cpuid(0x80000000).eax >= 0x80000008 ? cpuid(0x80000008).eax & 0xff : 36;

    return bits < 36 ? 36 : bits > 52 ? 52 : bits;
}

/* The table below entry `*entry`, made if `make` and there is none; null if there is none. */
static uint64_t *next_table(uint64_t *entry, bool make)
{
    if (!(*entry & PTE_PRESENT)) {
        if (!make || spare_used == SPARE_TABLES)
            return NULL;
        *entry = (uintptr_t)spare[spare_used++] | PTE_PRESENT | PTE_WRITE;
    }
    return (uint64_t *)(uintptr_t)(*entry & PTE_ADDRESS);
}

/* The lowest-level entry for `address`, above IDENTITY_LIMIT where there are no large pages. */
static uint64_t *entry_for(uint64_t address, bool make)
{
    uint64_t *t = (uint64_t *)(uintptr_t)(cr3_read() & PTE_ADDRESS);

    for (unsigned int shift = 39; shift > 12 && t; shift -= 9)
        t = next_table(&t[address >> shift & (TABLE_ENTRIES - 1)], make);
    return t ? &t[address >> 12 & (TABLE_ENTRIES - 1)] : NULL;
}

const char *paging_map(uint64_t address, uint64_t pages, bool writable)
{
    unsigned int bits = paging_physical_bits();
    uint64_t limit = 1ull << (bits < 47 ? bits : 47);

    if (address % PAGE_SIZE)
        return "the address is not that of a page";
    if (address < IDENTITY_LIMIT || address >= limit || pages > (limit - address) / PAGE_SIZE)
        return "the range is not between 4 GiB and what this CPU can address";

    for (uint64_t end = address + pages * PAGE_SIZE; address < end; address += PAGE_SIZE) {
        uint64_t *entry = entry_for(address, true);

        if (!entry)
            return "all spare page tables are in use";
        *entry = address | PTE_PRESENT | PTE_NX | (writable ? PTE_WRITE : 0);
        tlb_flush_page(address);
    }
    return NULL;
}

void paging_unmap(uint64_t address, uint64_t pages)
{
    for (; pages > 0; pages--, address += PAGE_SIZE) {
        uint64_t *entry = entry_for(address, false);

        if (entry) {
            *entry = 0;
            tlb_flush_page(address);
        }
    }
}
