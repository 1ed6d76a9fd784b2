/* SPDX-License-Identifier: MIT */
/*
 * Guest frames with nothing behind them, for pages that are not ours: shared_info, the grant
 * table, other domains' grants. Putting such a page over RAM would lose the RAM.
 */
#ifndef XENOLITH_XEN_UNPOPULATED_H
#define XENOLITH_XEN_UNPOPULATED_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/info.h"
#include "lib/error.h"

/*
 * Finds the hole: the first 1 GiB above 4 GiB that the memory map of `boot` does not mention and
 * this CPU can address. If the boot loader gave no memory map, Xen is asked for it
 * (XENMEM_memory_map) and `boot` completed; it is looked at again by unpopulated_move(). False,
 * with the reason, if Xen refuses or there is no such hole.
 */
bool unpopulated_init(struct boot_info *boot, struct error *err);

/* The address of the hole's first frame, the one that unpopulated_alloc() hands out first. */
uint64_t unpopulated_first(void);

/*
 * Goes on to the next such hole: for when Xen says that this one has something in it, as the
 * devices' BARs above 4 GiB, which no memory map mentions. Only before the first
 * unpopulated_alloc(). False, with the reason, if there is none.
 */
bool unpopulated_move(struct error *err);

/*
 * Takes `pages` consecutive frames of the hole and maps them into our address space write-back,
 * writable if asked. Sets *address to the first one's physical, and virtual, address in bytes.
 * False, with the reason, if there are not so many in a row or the page tables are used up.
 */
bool unpopulated_alloc(uint64_t pages, bool writable, uint64_t *address, struct error *err);

/*
 * Gives back frames that unpopulated_alloc() handed out, and unmaps them. Xen must have nothing
 * there any more: it crashes a domain that maps a grant over another.
 */
void unpopulated_free(uint64_t address, uint64_t pages);

/* How many frames of the hole are free. */
uint64_t unpopulated_available(void);

#endif
