/* SPDX-License-Identifier: MIT */
#include "arch/x86_64/user_memory.h"

#include "arch/x86_64/cpu.h"
#include "lib/string.h"

#define PTE_PRESENT 0x001ull
#define PTE_WRITE   0x002ull
#define PTE_USER    0x004ull
#define PTE_NX      (1ull << 63)
#define PTE_ADDRESS 0x000ffffffffff000ull

#define TABLE_ENTRIES 512
#define FIRST_TOP     (USER_START >> 39) /* entries of the top table that are the user half */
#define LAST_TOP      ((USER_END - 1) >> 39)
#define POOL_PAGES    96 /* for programs and their page tables */

/* From user_copy.asm: how many bytes could not be copied. */
uint64_t user_copy(void *to, const void *from, uint64_t size);

static struct {
    uint8_t pool[POOL_PAGES][PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
    unsigned int used; /* of the pool; the rest is zeros */
} state;

static void *take_page(void)
{
    return state.used < POOL_PAGES ? state.pool[state.used++] : NULL;
}

static uint64_t *top_table(void)
{
    return (uint64_t *)(uintptr_t)(cr3_read() & PTE_ADDRESS);
}

/* The lowest-level entry for `address`; NULL if a table for it is missing and there is none left.
 */
static uint64_t *entry_for(uint64_t address)
{
    uint64_t *table = top_table();

    for (unsigned int shift = 39; shift > 12; shift -= 9) {
        uint64_t *entry = &table[address >> shift & (TABLE_ENTRIES - 1)];

        if (!(*entry & PTE_PRESENT)) {
            void *below = take_page();

            if (!below)
                return NULL;
            *entry = (uintptr_t)below | PTE_PRESENT | PTE_WRITE | PTE_USER;
        }
        table = (uint64_t *)(uintptr_t)(*entry & PTE_ADDRESS);
    }
    return &table[address >> 12 & (TABLE_ENTRIES - 1)];
}

/* The entry for a page that is not mapped yet. */
static uint64_t *free_entry(uint64_t address, struct error *err)
{
    uint64_t *entry;

    if (address % PAGE_SIZE || !user_range_holds(address, PAGE_SIZE)) {
        fail(err, XEN_EINVAL, "no page of the user half begins at 0x%lx", address);
        return NULL;
    }
    entry = entry_for(address);
    if (!entry)
        fail(err, XEN_ENOMEM, "all %d pages for programs are in use", POOL_PAGES);
    else if (*entry)
        fail(err, XEN_EINVAL, "a page is at 0x%lx already", address);
    return entry && !*entry ? entry : NULL;
}

void user_memory_clear(void)
{
    for (unsigned int i = FIRST_TOP; i <= LAST_TOP; i++)
        top_table()[i] = 0;
    tlb_flush();
    memset(state.pool, 0, state.used * sizeof(state.pool[0]));
    state.used = 0;
}

bool user_memory_map(uint64_t address, enum user_rights rights, void **page, struct error *err)
{
    uint64_t *entry = free_entry(address, err);
    void *mine = entry ? take_page() : NULL;

    if (!entry)
        return false;
    if (!mine)
        return fail(err, XEN_ENOMEM, "all %d pages for programs are in use", POOL_PAGES);
    *entry = (uintptr_t)mine | PTE_PRESENT | PTE_USER | (rights == USER_WRITE ? PTE_WRITE : 0) |
             (rights == USER_EXECUTE ? 0 : PTE_NX);
    if (page)
        *page = mine;
    return true;
}

bool user_memory_share(uint64_t address, const void *page, struct error *err)
{
    uint64_t *entry = free_entry(address, err);

    if (!entry)
        return false;
    *entry = (uintptr_t)page | PTE_PRESENT | PTE_USER | PTE_NX;
    return true;
}

bool user_memory_demand(uint64_t address)
{
    return address >= USER_DEMAND && address < USER_DEMAND_END &&
           user_memory_map(address - address % PAGE_SIZE, USER_WRITE, NULL, NULL);
}

bool user_copy_from(void *to, uint64_t from, size_t size)
{
    return user_range_holds(from, size) && user_copy(to, (const void *)from, size) == 0;
}

bool user_copy_to(uint64_t to, const void *from, size_t size)
{
    return user_range_holds(to, size) && user_copy((void *)to, from, size) == 0;
}
