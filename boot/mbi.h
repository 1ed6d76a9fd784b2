/* SPDX-License-Identifier: MIT */
/*
 * Multiboot2 boot information, read by a walker that trusts no size in it. Pure: no hardware.
 * Interface: Multiboot2 Specification 2.0, section 3.6 "Boot information format".
 */
#ifndef XENOLITH_BOOT_MBI_H
#define XENOLITH_BOOT_MBI_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/info.h"
#include "lib/error.h"

#define MBI_LOADER_MAGIC 0x36d76289u /* EAX at entry */

/*
 * Reads the boot information at offset `start` of the `size` readable bytes at `window` (in the
 * kernel: address 0 and the identity map) and copies what the kernel keeps into `out`.
 * False, with the reason, if: the structure is misaligned, does not lie in the window or is
 * shorter than its header; a tag is shorter than its own header or runs past the end; the
 * command line is longer than BOOT_CMDLINE_MAX or not terminated; a memory map's entry_size is
 * below 24 or its entries run past the tag; an entry wraps; there are more entries than
 * BOOT_MEMORY_MAX; a tag that the kernel keeps comes twice. A missing end tag is not an error:
 * total_size ends the walk. Tags of other types and empty memory map entries are stepped over.
 * After false `out` holds what came before the fault: its strings are terminated.
 */
bool mbi_parse(const void *window, uint64_t size, uint64_t start, struct boot_info *out,
               struct error *err);

#endif
