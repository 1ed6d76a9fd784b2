/* SPDX-License-Identifier: MIT */
#include "xen/unpopulated.h"

#include "arch/x86_64/memlayout.h"
#include "arch/x86_64/paging.h"
#include "lib/bitmap.h"
#include "xen/abi/xen.h"
#include "xen/hypercall.h"

#define RANGE_SIZE   0x40000000ull /* also its alignment */
#define RANGE_FRAMES 8192u         /* what we use of it */

_Static_assert(RANGE_FRAMES <= PAGING_SPARE_PAGES, "the spare page tables can map all of it");

static struct {
    struct boot_info *boot;
    uint64_t base;
    uint64_t used_frames[BITMAP_WORDS(RANGE_FRAMES)];
} state;

/* struct e820entry, as XENMEM_memory_map fills it (xen/include/public/memory.h). */
struct e820_entry {
    uint64_t base, size;
    uint32_t type;
} __attribute__((packed));

_Static_assert(sizeof(struct e820_entry) == 20, "an E820 entry has 20 bytes");

static bool read_memory_map(struct boot_info *boot, struct error *err)
{
    static struct e820_entry entries[BOOT_MEMORY_MAX];
    struct xen_memory_map map = {.nr_entries = BOOT_MEMORY_MAX};

    set_xen_guest_handle(map.buffer, entries);

    int64_t result = hypercall_memory_op(XENMEM_memory_map, &map);

    if (result < 0)
        return fail(err, (int)-result, "no memory map: neither the boot loader's nor Xen's (-%s)",
                    xen_errno_name(result));
    for (uint32_t i = 0; i < map.nr_entries && i < BOOT_MEMORY_MAX; i++) {
        const struct e820_entry *e = &entries[i];

        if (e->size == 0 || e->base + e->size < e->base)
            continue;
        boot->memory[boot->memory_count++] = (struct boot_memory){e->base, e->size, e->type};
    }
    return true;
}

static const struct boot_memory *find_overlap(const struct boot_info *boot, uint64_t start)
{
    for (uint32_t i = 0; i < boot->memory_count; i++) {
        const struct boot_memory *m = &boot->memory[i];

        if (m->base < start + RANGE_SIZE && m->base + m->size > start)
            return m;
    }
    return NULL;
}

/* Sets the first free range at `start` or above. */
static bool find_from(uint64_t start, struct error *err)
{
    uint64_t limit = 1ull << paging_physical_bits();
    const struct boot_memory *m;

    /* Each step moves past an entry's end, so there are at most as many steps as entries. */
    while (start <= limit - RANGE_SIZE && (m = find_overlap(state.boot, start)) != NULL)
        start = ((m->base + m->size - 1) / RANGE_SIZE + 1) * RANGE_SIZE;
    if (start < IDENTITY_LIMIT || start > limit - RANGE_SIZE) /* below: it wrapped */
        return fail(err, XEN_ENOSPC, "no guest frames free between 4 GiB and 2^%u bytes",
                    paging_physical_bits());
    state.base = start;
    return true;
}

bool unpopulated_init(struct boot_info *boot, struct error *err)
{
    if (boot->memory_count == 0 && !read_memory_map(boot, err))
        return false;
    state.boot = boot;
    return find_from(IDENTITY_LIMIT, err);
}

bool unpopulated_is_ram(uint64_t address, uint64_t size)
{
    for (uint32_t i = 0; i < state.boot->memory_count; i++) {
        const struct boot_memory *m = &state.boot->memory[i];

        if (m->type == BOOT_MEMORY_RAM && address >= m->base && size <= m->size &&
            address - m->base <= m->size - size)
            return true;
    }
    return false;
}

bool unpopulated_take_ram(uint64_t pages, uint64_t *address, struct error *err)
{
    struct boot_memory *best = NULL;

    for (uint32_t i = 0; i < state.boot->memory_count; i++) {
        struct boot_memory *m = &state.boot->memory[i];
        uint64_t end = m->base + m->size;

        if (m->type == BOOT_MEMORY_RAM && end <= IDENTITY_LIMIT && end > FREE_RAM_BASE &&
            end % PAGE_SIZE + pages * PAGE_SIZE <=
                end - (m->base > FREE_RAM_BASE ? m->base : FREE_RAM_BASE) &&
            (!best || m->base > best->base))
            best = m;
    }
    if (!best)
        return fail(err, XEN_ENOMEM, "no %lu KiB of RAM are free between %u MiB and 4 GiB",
                    pages * (PAGE_SIZE / 1024), FREE_RAM_BASE >> 20);
    best->size -= (best->base + best->size) % PAGE_SIZE + pages * PAGE_SIZE;
    *address = best->base + best->size;
    return true;
}

uint64_t unpopulated_first(void)
{
    return state.base;
}

bool unpopulated_move(struct error *err)
{
    return find_from(state.base + RANGE_SIZE, err);
}

static void mark(uint64_t page, uint64_t pages, bool used)
{
    for (uint64_t end = page + pages; page < end; page++) {
        if (used)
            bitmap_set(state.used_frames, page);
        else
            bitmap_clear(state.used_frames, page);
    }
}

bool unpopulated_alloc(uint64_t pages, bool writable, uint64_t *address, struct error *err)
{
    uint64_t page = 0, run = 0;

    for (; page < RANGE_FRAMES && run < pages; page++)
        run = bitmap_test(state.used_frames, page) ? 0 : run + 1;
    if (run < pages)
        return fail(err, XEN_ENOSPC, "no %lu guest frames free in a row from 0x%lx on", pages,
                    state.base);

    uint64_t start = state.base + (page - pages) * PAGE_SIZE;

    if (!paging_map(start, pages, writable, err))
        return false;
    mark(page - pages, pages, true);
    *address = start;
    return true;
}

void unpopulated_free(uint64_t address, uint64_t pages)
{
    paging_unmap(address, pages);
    mark((address - state.base) / PAGE_SIZE, pages, false);
}

uint64_t unpopulated_available(void)
{
    uint64_t count = 0;

    for (uint64_t page = 0; page < RANGE_FRAMES; page++)
        count += !bitmap_test(state.used_frames, page);
    return count;
}
