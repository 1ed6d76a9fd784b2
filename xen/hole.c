/* SPDX-License-Identifier: MIT */
#include "xen/hole.h"

#include "arch/x86_64/memlayout.h"
#include "arch/x86_64/paging.h"
#include "xen/abi.h"
#include "xen/hypercall.h"

#define HOLE_SIZE  0x40000000ull /* also its alignment */
#define HOLE_PAGES 8192          /* what we use of it: as much as the spare page tables cover */
#define WORD_BITS  64

static const struct boot_info *known;
static uint64_t base;
static uint64_t taken[HOLE_PAGES / WORD_BITS]; /* a bit per frame */

/* struct e820entry, as XENMEM_memory_map fills it (xen/include/public/memory.h). */
struct e820_entry {
    uint64_t base, size;
    uint32_t type;
} __attribute__((packed));

_Static_assert(sizeof(struct e820_entry) == 20, "an E820 entry has 20 bytes");

static bool ask_xen(struct boot_info *boot, struct why *why)
{
    static struct e820_entry entries[BOOT_MEMORY_MAX];
    struct xen_memory_map map = {.nr_entries = BOOT_MEMORY_MAX};

    set_xen_guest_handle(map.buffer, entries);

    int64_t result = hypercall_memory_op(XENMEM_memory_map, &map);

    if (result < 0)
        return why_say(why, "no memory map: neither the boot loader's nor Xen's (-%s)",
                       hypercall_error_name(result));
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
static bool find_from(uint64_t start, struct why *why)
{
    uint64_t limit = 1ull << paging_physical_bits();
    const struct boot_memory *m;

    /* Each step moves past an entry's end, so there are at most as many steps as entries. */
    while (start <= limit - HOLE_SIZE && (m = find_overlap(known, start)) != NULL)
        start = ((m->base + m->size - 1) / HOLE_SIZE + 1) * HOLE_SIZE;
    if (start < IDENTITY_LIMIT || start > limit - HOLE_SIZE) /* below: it wrapped */
        return why_say(why, "no guest frames free between 4 GiB and 2^%u bytes",
                       paging_physical_bits());
    base = start;
    return true;
}

bool hole_init(struct boot_info *boot, struct why *why)
{
    if (boot->memory_count == 0 && !ask_xen(boot, why))
        return false;
    known = boot;
    return find_from(IDENTITY_LIMIT, why);
}

uint64_t hole_first(void)
{
    return base;
}

bool hole_move(struct why *why)
{
    return find_from(base + HOLE_SIZE, why);
}

static bool is_taken(uint64_t page)
{
    return taken[page / WORD_BITS] >> page % WORD_BITS & 1;
}

static void mark(uint64_t page, uint64_t pages, bool as_taken)
{
    for (uint64_t end = page + pages; page < end; page++) {
        uint64_t bit = 1ull << page % WORD_BITS;

        if (as_taken)
            taken[page / WORD_BITS] |= bit;
        else
            taken[page / WORD_BITS] &= ~bit;
    }
}

bool hole_take(uint64_t pages, bool writable, uint64_t *address, struct why *why)
{
    uint64_t page = 0, run = 0;

    for (; page < HOLE_PAGES && run < pages; page++)
        run = is_taken(page) ? 0 : run + 1;
    if (run < pages)
        return why_say(why, "no %lu guest frames free in a row in the hole at 0x%lx", pages, base);

    uint64_t start = base + (page - pages) * PAGE_SIZE;
    const char *wrong = paging_map(start, pages, writable);

    if (wrong) {
        paging_unmap(start, pages);
        return why_say(why, "cannot map %lu pages at 0x%lx: %s", pages, start, wrong);
    }
    mark(page - pages, pages, true);
    *address = start;
    return true;
}

void hole_give(uint64_t address, uint64_t pages)
{
    paging_unmap(address, pages);
    mark((address - base) / PAGE_SIZE, pages, false);
}

uint64_t hole_free(void)
{
    uint64_t count = 0;

    for (uint64_t page = 0; page < HOLE_PAGES; page++)
        count += !is_taken(page);
    return count;
}
