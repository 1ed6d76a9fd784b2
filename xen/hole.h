/* SPDX-License-Identifier: MIT */
/*
 * Guest frames with nothing behind them, for pages that are not ours: shared_info now, grants
 * later. Putting such a page over RAM would lose the RAM.
 */
#ifndef XENOLITH_XEN_HOLE_H
#define XENOLITH_XEN_HOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/info.h"
#include "kernel/why.h"

/*
 * Finds the hole: the first 1 GiB above 4 GiB that `memory` does not mention and this CPU can
 * address. If the boot loader gave no memory map, Xen is asked for it (XENMEM_memory_map) and
 * `boot` completed. False, with the reason, if Xen refuses or there is no such hole.
 */
bool hole_init(struct boot_info *boot, struct why *why);

/*
 * Takes `pages` frames of the hole, for ever, and maps them into our address space, writable if
 * asked. Sets *address to the first one's physical, and virtual, address in bytes. False, with
 * the reason, if the hole or the page tables are used up.
 */
bool hole_take(uint64_t pages, bool writable, uint64_t *address, struct why *why);

#endif
