/* SPDX-License-Identifier: MIT */
/* What the boot loader said, in our own copy. From kmain on nothing knows which loader it was. */
#pragma once

#include <stdint.h>

#define BOOT_CMDLINE_MAX 4095 /* bytes, without the NUL */
#define BOOT_LOADER_MAX  63
#define BOOT_MEMORY_MAX  128 /* memory map entries kept */

#define BOOT_MEMORY_RAM 1 /* the one type of both memory maps that is free RAM */

struct boot_memory {
    uint64_t base; /* bytes */
    uint64_t size; /* bytes, base + size does not wrap, never 0 */
    uint32_t type; /* BOOT_MEMORY_RAM, or reserved in some way */
};

struct boot_info {
    const char *protocol;             /* "Multiboot2" or "PVH": a constant */
    char loader[BOOT_LOADER_MAX + 1]; /* the loader's name, escaped, "" if it gave none */
    char cmdline[BOOT_CMDLINE_MAX + 1];
    uint32_t memory_count; /* 0 if the loader gave no memory map */
    struct boot_memory memory[BOOT_MEMORY_MAX];
};
