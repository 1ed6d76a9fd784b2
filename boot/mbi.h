/* SPDX-License-Identifier: MIT */
/*
 * Multiboot2 boot information, read by a walker that trusts no size in it. Pure: no hardware.
 * Interface: Multiboot2 Specification 2.0, section 3.6 "Boot information format".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "boot/info.h"
#include "lib/error.h"

#define MBI_LOADER_MAGIC 0x36d76289u /* EAX at entry */

/*
 * Copies what the kernel keeps of the boot information into `out`. A missing end tag is no error:
 * total_size ends the walk. Tags of other types and empty memory map entries are skipped. After a
 * failure `out` holds what came before the fault, its strings terminated.
 *   window, size   readable bytes (in the kernel: address 0 and the identity map)
 *   start          offset of the structure in them
 * XEN_EINVAL: a structure, tag or entry is misaligned, too short, outside of what holds it, given
 * twice or wraps; the command line is not terminated or longer than BOOT_CMDLINE_MAX; there are
 * more than BOOT_MEMORY_MAX entries.
 */
bool mbi_parse(const void *window, uint64_t size, uint64_t start, struct boot_info *out,
               struct error *err);
