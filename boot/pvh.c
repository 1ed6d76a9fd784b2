/* SPDX-License-Identifier: MIT */
#include "boot/pvh.h"

#include "boot/parse.h"
#include "lib/string.h"
#include "xen/abi/start_info.h"

static bool read_memory(const struct window *window, const struct hvm_start_info *info,
                        struct boot_info *out, struct error *err)
{
    struct hvm_memmap_table_entry entry = {0};
    uint64_t at = info->memmap_paddr;

    if (!window_holds(window, at, (uint64_t)info->memmap_entries * sizeof(entry)))
        return fail(err, XEN_EINVAL, "the memory map at %#lx with %u entries ends past %#lx", at,
                    info->memmap_entries, window->size);
    for (uint32_t i = 0; i < info->memmap_entries; i++, at += sizeof(entry)) {
        window_copy(window, at, &entry, sizeof(entry));
        if (!boot_memory_add(out, &(struct boot_memory){entry.addr, entry.size, entry.type}, err))
            return false;
    }
    return true;
}

bool pvh_parse(const void *window, uint64_t size, uint64_t start, struct boot_info *out,
               struct error *err)
{
    struct window all = {(uintptr_t)window, size};
    struct hvm_start_info info = {0};
    const uint64_t first_size = offsetof(struct hvm_start_info, memmap_paddr);

    memset(out, 0, sizeof(*out));
    out->protocol = "PVH";
    if (!window_copy(&all, start, &info, first_size))
        return fail(err, XEN_EINVAL,
                    "the start information at %#lx ends past %#lx, the end of memory", start, size);
    if (info.magic != XEN_HVM_START_MAGIC_VALUE)
        return fail(err, XEN_EINVAL, "the start information's magic is %#x, expected %#x",
                    info.magic, XEN_HVM_START_MAGIC_VALUE);
    if (info.version >= 1 &&
        !window_copy(&all, start + first_size, &info.memmap_paddr, sizeof(info) - first_size))
        return fail(err, XEN_EINVAL, "the start information at %#lx of version %u ends past %#lx",
                    start, info.version, size);

    if (info.cmdline_paddr && !window_cmdline(&all, info.cmdline_paddr, out, err))
        return false;
    return read_memory(&all, &info, out, err);
}
