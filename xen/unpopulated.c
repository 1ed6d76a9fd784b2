/* SPDX-License-Identifier: MIT */
#include "xen/unpopulated.h"

#include "arch/x86_64/memlayout.h"
#include "arch/x86_64/paging.h"
#include "lib/bitmap.h"
#include "xen/abi/xen.h"
#include "xen/hypercall.h"

#define HOLE_SIZE  0x40000000ull /* also its alignment */
#define HOLE_PAGES 8192          /* what we use of it: as much as the spare page tables cover */

static const struct boot_info *known;
static uint64_t base;
static uint64_t taken[BITMAP_WORDS(HOLE_PAGES)];

/* struct e820entry, as XENMEM_memory_map fills it (xen/include/public/memory.h). */
struct e820_entry {
    uint64_t base, size;
    uint32_t type;
} __attribute__((packed));

_Static_assert(sizeof(struct e820_entry) == 20, "an E820 entry has 20 bytes");

static bool ask_xen(struct boot_info *boot, struct error *err)
{
    static struct e820_entry entries[BOOT_MEMORY_MAX];
    struct xen_memory_map map = {.nr_entries = BOOT_MEMORY_MAX};

    set_xen_guest_handle(map.buffer, entries);

    int64_t result = hypercall_memory_op(XENMEM_memory_map, &map);

    if (result < 0)
        return fail(err, XEN_EINVAL, "no memory map: neither the boot loader's nor Xen's (-%s)",
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

        if (m->base < start + HOLE_SIZE && m->base + m->size > start)
            return m;
    }
    return NULL;
}

/* The first hole at `start` or above it. */
static bool find_from(uint64_t start, struct error *err)
{
    uint64_t limit = 1ull << paging_physical_bits();
    const struct boot_memory *m;

    /* Each step moves past an entry's end, so there are at most as many steps as entries. */
    while (start <= limit - HOLE_SIZE && (m = find_overlap(known, start)) != NULL)
        start = ((m->base + m->size - 1) / HOLE_SIZE + 1) * HOLE_SIZE;
    if (start < IDENTITY_LIMIT || start > limit - HOLE_SIZE) /* below: it wrapped */
        return fail(err, XEN_EINVAL, "no guest frames free between 4 GiB and 2^%u bytes",
                    paging_physical_bits());
    base = start;
    return true;
}

bool unpopulated_init(struct boot_info *boot, struct error *err)
{
    if (boot->memory_count == 0 && !ask_xen(boot, err))
        return false;
    known = boot;
    return find_from(IDENTITY_LIMIT, err);
}

uint64_t unpopulated_first(void)
{
    return base;
}

bool unpopulated_move(struct error *err)
{
    return find_from(base + HOLE_SIZE, err);
}

static void mark(uint64_t page, uint64_t pages, bool as_taken)
{
    for (uint64_t end = page + pages; page < end; page++) {
        if (as_taken)
            bitmap_set(taken, page);
        else
            bitmap_clear(taken, page);
    }
}

bool unpopulated_alloc(uint64_t pages, bool writable, uint64_t *address, struct error *err)
{
    uint64_t page = 0, run = 0;

    for (; page < HOLE_PAGES && run < pages; page++)
        run = bitmap_test(taken, page) ? 0 : run + 1;
    if (run < pages)
        return fail(err, XEN_EINVAL, "no %lu guest frames free in a row in the hole at 0x%lx",
                    pages, base);

    uint64_t start = base + (page - pages) * PAGE_SIZE;
    const char *wrong = paging_map(start, pages, writable);

    if (wrong) {
        paging_unmap(start, pages);
        return fail(err, XEN_EINVAL, "cannot map %lu pages at 0x%lx: %s", pages, start, wrong);
    }
    mark(page - pages, pages, true);
    *address = start;
    return true;
}

void unpopulated_free(uint64_t address, uint64_t pages)
{
    paging_unmap(address, pages);
    mark((address - base) / PAGE_SIZE, pages, false);
}

uint64_t unpopulated_available(void)
{
    uint64_t count = 0;

    for (uint64_t page = 0; page < HOLE_PAGES; page++)
        count += !bitmap_test(taken, page);
    return count;
}
