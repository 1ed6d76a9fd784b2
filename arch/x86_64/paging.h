/* SPDX-License-Identifier: MIT */
/* Page tables beyond what boot/boot.asm mapped. Intel SDM volume 3, chapter 4. */
#ifndef XENOLITH_ARCH_X86_64_PAGING_H
#define XENOLITH_ARCH_X86_64_PAGING_H

#include <stdbool.h>
#include <stdint.h>

/* How many bits of a physical address this CPU has, 36 to 52: CPUID leaf 0x80000008. */
unsigned int paging_physical_bits(void);

/*
 * Maps the `pages` pages at physical address `address`, at the same virtual address, present,
 * no-execute, write-back, and writable if `writable`. For ranges above IDENTITY_LIMIT: what lies
 * below is mapped already. Mapping a page again changes its rights.
 * Returns NULL, or what is wrong: the range is misaligned, not between IDENTITY_LIMIT and what
 * both the CPU and the lower half of four levels of tables can address (47 bits), or the tables
 * set aside are used up.
 */
const char *paging_map(uint64_t address, uint64_t pages, bool writable);

/*
 * Takes pages out again: of such a range, or below 4 MiB, where boot used 4 KiB pages too. Pages
 * that are not mapped are left as they are.
 */
void paging_unmap(uint64_t address, uint64_t pages);

#endif
