/* SPDX-License-Identifier: MIT */
/*
 * The PVH start information, read by a parser that trusts no address and no count in it. Pure.
 * Interface: xen/include/public/arch-x86/hvm/start_info.h, docs/misc/pvh.pandoc.
 */
#ifndef XENOLITH_BOOT_PVH_H
#define XENOLITH_BOOT_PVH_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/info.h"
#include "lib/error.h"

/*
 * Reads the struct hvm_start_info at offset `start` of the `size` readable bytes at `window` (in
 * the kernel: address 0 and the identity map) into `out`. Version 0 has no memory map:
 * out->memory_count is then 0 and the caller asks Xen. False, with the reason, if the structure,
 * the command line or the memory map do not lie in the window, the magic is wrong, the command
 * line is longer than BOOT_CMDLINE_MAX, an entry wraps or there are more than BOOT_MEMORY_MAX.
 * Empty entries are left out. After false `out` holds what came before the fault: its strings are
 * terminated.
 */
bool pvh_parse(const void *window, uint64_t size, uint64_t start, struct boot_info *out,
               struct error *err);

#endif
