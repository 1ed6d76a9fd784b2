/* SPDX-License-Identifier: MIT */
/*
 * The PVH start information, read by a parser that trusts no address and no count in it. Pure.
 * Interface: xen/include/public/arch-x86/hvm/start_info.h, docs/misc/pvh.pandoc.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "boot/info.h"
#include "lib/error.h"

/*
 * Copies what the kernel keeps of a struct hvm_start_info into `out`. Version 0 has no memory map:
 * out->memory_count is then 0. Empty entries are skipped. After a failure `out` holds what came
 * before the fault, its strings terminated.
 *   window, size   readable bytes (in the kernel: address 0 and the identity map)
 *   start          offset of the structure in them
 * XEN_EINVAL: something does not lie in the window, the magic is wrong, the command line is longer
 * than BOOT_CMDLINE_MAX, an entry wraps or there are more than BOOT_MEMORY_MAX.
 */
bool pvh_parse(const void *window, uint64_t size, uint64_t start, struct boot_info *out,
               struct error *err);
