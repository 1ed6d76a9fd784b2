/* SPDX-License-Identifier: MIT */
/* What Xen hands to a PVH guest. Interface: xen/include/public/arch-x86/hvm/start_info.h. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <xen/arch-x86/hvm/start_info.h>

_Static_assert(sizeof(struct hvm_start_info) == 56, "version 1");
_Static_assert(offsetof(struct hvm_start_info, magic) == 0, "start_info.h");
_Static_assert(offsetof(struct hvm_start_info, version) == 4, "start_info.h");
_Static_assert(offsetof(struct hvm_start_info, cmdline_paddr) == 24, "start_info.h");
_Static_assert(offsetof(struct hvm_start_info, memmap_paddr) == 40, "where version 0 ends");
_Static_assert(offsetof(struct hvm_start_info, memmap_entries) == 48, "start_info.h");
_Static_assert(sizeof(struct hvm_memmap_table_entry) == 24, "start_info.h");
_Static_assert(offsetof(struct hvm_memmap_table_entry, addr) == 0, "start_info.h");
_Static_assert(offsetof(struct hvm_memmap_table_entry, size) == 8, "start_info.h");
_Static_assert(offsetof(struct hvm_memmap_table_entry, type) == 16, "start_info.h");
