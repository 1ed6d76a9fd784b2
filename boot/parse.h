/* SPDX-License-Identifier: MIT */
/* What the parsers of both boot protocols share. Pure: no hardware. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "boot/info.h"
#include "lib/error.h"
#include "lib/string.h"

/* Readable bytes. A number, as in the kernel `base` is address 0, where no pointer may count. */
struct window {
    uintptr_t base;
    uint64_t size;
};

static inline bool window_holds(const struct window *window, uint64_t at, uint64_t size)
{
    return at <= window->size && size <= window->size - at;
}

/* Copies `size` bytes at offset `at`. False, with nothing copied: they do not lie inside. */
static inline bool window_copy(const struct window *window, uint64_t at, void *to, uint64_t size)
{
    if (!window_holds(window, at, size))
        return false;
    memcpy(to, (const void *)(window->base + at), size);
    return true;
}

/* Copies the command line at offset `at`. XEN_EINVAL: too long or not terminated; it is then empty.
 */
static inline bool window_cmdline(const struct window *window, uint64_t at, struct boot_info *out,
                                  struct error *err)
{
    for (uint64_t i = 0; i <= BOOT_CMDLINE_MAX; i++) {
        if (!window_copy(window, at + i, &out->cmdline[i], 1)) {
            out->cmdline[0] = '\0';
            return fail(err, XEN_EINVAL, "the command line at %#lx is not terminated before %#lx",
                        at, window->size);
        }
        if (!out->cmdline[i])
            return true;
    }
    out->cmdline[0] = '\0';
    return fail(err, XEN_EINVAL, "the command line is longer than %d bytes", BOOT_CMDLINE_MAX);
}

/* Keeps a memory map entry, unless it is empty. XEN_EINVAL: it wraps or is one too many. */
static inline bool boot_memory_add(struct boot_info *out, const struct boot_memory *entry,
                                   struct error *err)
{
    if (!entry->size)
        return true;
    if (entry->size > UINT64_MAX - entry->base)
        return fail(err, XEN_EINVAL, "the memory map's entry at %#lx, size %#lx, wraps",
                    entry->base, entry->size);
    if (out->memory_count == BOOT_MEMORY_MAX)
        return fail(err, XEN_EINVAL, "the memory map has more than %d entries", BOOT_MEMORY_MAX);
    out->memory[out->memory_count++] = *entry;
    return true;
}
