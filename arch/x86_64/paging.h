/* SPDX-License-Identifier: MIT */
/* Page tables beyond what boot/boot.asm mapped. Intel SDM volume 3, chapter 4. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"

/* What the page tables set aside can map above IDENTITY_LIMIT, if it lies in one 1 GiB. */
#define PAGING_SPARE_PAGES (17u * 512)

/* How many bits of a physical address this CPU has, 36 to 52: CPUID leaf 0x80000008. */
unsigned int paging_physical_bits(void);

/*
 * Maps pages at the same virtual as physical address: present, no-execute, write-back. Mapping a
 * page again changes its rights. On failure nothing is mapped.
 *   address    of the first page; the range lies between IDENTITY_LIMIT, below which everything is
 *              mapped already, and USER_START or, if that is lower, what the CPU can address
 *   writable   or read-only
 * XEN_EINVAL: another range; XEN_ENOMEM: the tables set aside are used up.
 */
bool paging_map(uint64_t address, uint64_t pages, bool writable, struct error *err);

/*
 * Maps the 2 MiB around `address`, from 4 MiB to IDENTITY_LIMIT, by 4 KiB pages, with the same
 * rights, so that paging_unmap() can unmap some of them.
 *   pages   a page for the table of them, ours for good
 */
void paging_split(uint64_t address, uint64_t *pages);

/*
 * Unmaps pages: of such a range, or below 4 MiB, where boot used 4 KiB pages too. Pages that are
 * not mapped are left as they are. Other vCPUs may still find them in their TLB.
 */
void paging_unmap(uint64_t address, uint64_t pages);
