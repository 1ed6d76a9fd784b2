/* SPDX-License-Identifier: MIT */
#include "arch/x86_64/paging.h"

#include <stddef.h>

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/memlayout.h"

#define PTE_PRESENT 0x001ull
#define PTE_WRITE   0x002ull
#define PTE_LARGE   0x080ull
#define PTE_NX      (1ull << 63)
#define PTE_ADDRESS 0x000ffffffffff000ull

#define LARGE_SIZE    0x200000ull
#define TABLE_ENTRIES 512
#define SPARE_TABLES                                                                               \
    (PAGING_SPARE_PAGES / TABLE_ENTRIES + 3) /* and one each of the levels above                   \
                                              */

typedef uint64_t table[TABLE_ENTRIES];

static struct {
    /* Page tables that boot did not need; handed out once, never given back. */
    table spare[SPARE_TABLES] __attribute__((aligned(PAGE_SIZE)));
    unsigned int used;
} state;

unsigned int paging_physical_bits(void)
{
    unsigned int bits = cpuid(0x80000000).eax >= 0x80000008 ? cpuid(0x80000008).eax & 0xff : 36;

    return bits < 36 ? 36 : bits > 52 ? 52 : bits;
}

/* The table below `*entry`; if there is none, a new one if `make`, else NULL. */
static uint64_t *next_table(uint64_t *entry, bool make)
{
    if (!(*entry & PTE_PRESENT)) {
        if (!make || state.used == SPARE_TABLES)
            return NULL;
        *entry = (uintptr_t)state.spare[state.used++] | PTE_PRESENT | PTE_WRITE;
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

bool paging_map(uint64_t address, uint64_t pages, bool writable, struct error *err)
{
    unsigned int bits = paging_physical_bits();
    uint64_t limit = bits < 46 ? 1ull << bits : USER_START, end = address + pages * PAGE_SIZE;

    if (address % PAGE_SIZE || address < IDENTITY_LIMIT || address >= limit ||
        pages > (limit - address) / PAGE_SIZE)
        return fail(err, XEN_EINVAL,
                    "cannot map %lu pages at 0x%lx: expected pages from 4 GiB to 0x%lx", pages,
                    address, limit);

    for (uint64_t at = address; at < end; at += PAGE_SIZE) {
        uint64_t *entry = entry_for(at, true);

        if (!entry) {
            paging_unmap(address, (at - address) / PAGE_SIZE);
            return fail(err, XEN_ENOMEM,
                        "cannot map %lu pages at 0x%lx: all spare page tables are in use", pages,
                        address);
        }
        *entry = at | PTE_PRESENT | PTE_NX | (writable ? PTE_WRITE : 0);
        tlb_flush_page(at);
    }
    return true;
}

void paging_split(uint64_t address, uint64_t *pages)
{
    uint64_t *t = (uint64_t *)(uintptr_t)(cr3_read() & PTE_ADDRESS);
    uint64_t *entry;

    t = next_table(&t[0], false);
    t = next_table(&t[address >> 30], false);
    entry = &t[address >> 21 & (TABLE_ENTRIES - 1)];
    if (!(*entry & PTE_LARGE))
        return;
    for (uint64_t i = 0; i < TABLE_ENTRIES; i++)
        pages[i] = (address & -LARGE_SIZE) + i * PAGE_SIZE + (PTE_PRESENT | PTE_WRITE | PTE_NX);
    *entry = (uintptr_t)pages | PTE_PRESENT | PTE_WRITE;
    tlb_flush_page(address);
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
