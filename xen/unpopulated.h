/* SPDX-License-Identifier: MIT */
/*
 * Frames not backed by RAM, where foreign pages are mapped: shared_info, the grant table, other
 * domains' grants. Such a page over RAM would lose the RAM.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "boot/info.h"
#include "lib/error.h"

/*
 * Finds the range: the first GiB above 4 GiB that the memory map does not mention and this CPU can
 * address.
 *   boot   its memory map is completed by Xen's (XENMEM_memory_map) if the loader gave none; kept
 * XEN_ENOSPC: there is no such range; else Xen's error.
 */
bool unpopulated_init(struct boot_info *boot, struct error *err);

/* Whether the memory map says that all `size` bytes at `address` are free RAM, in one entry. */
bool unpopulated_is_ram(uint64_t address, uint64_t size);

/*
 * Takes RAM for good: whole pages at the end of the highest free RAM below 4 GiB that has so many,
 * away from what the loader left. The memory map mentions them no more.
 *   address   set to the first one's
 * XEN_ENOMEM: there is not so much above FREE_RAM_BASE.
 */
bool unpopulated_take_ram(uint64_t pages, uint64_t *address, struct error *err);

/* The address of the range's first frame, which unpopulated_alloc() hands out first. */
uint64_t unpopulated_first(void);

/*
 * Moves on to the next such range: for when Xen says that this one has something in it, such as
 * devices' BARs above 4 GiB, which no memory map mentions. Only before the first
 * unpopulated_alloc(). XEN_ENOSPC: there is none.
 */
bool unpopulated_move(struct error *err);

/*
 * Allocates consecutive frames and maps them into our address space, write-back.
 *   address   set to the first one's physical, and virtual, address
 * XEN_ENOSPC: there are not so many in a row; XEN_ENOMEM: no page tables are left.
 */
bool unpopulated_alloc(uint64_t pages, bool writable, uint64_t *address, struct error *err);

/*
 * Frees allocated frames, and unmaps them. Xen must have nothing there any more: it crashes a
 * domain that maps a grant over another.
 */
void unpopulated_free(uint64_t address, uint64_t pages);

/* How many frames are free. */
uint64_t unpopulated_available(void);
