/* SPDX-License-Identifier: MIT */
/*
 * The user half of the address space (arch/x86_64/memlayout.h): its page tables, and the only ways
 * in which the kernel reads and writes a program's memory.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/x86_64/memlayout.h"
#include "lib/error.h"

/* What ring 3 may do with a page. None is both writable and executable. */
enum user_rights { USER_READ, USER_WRITE, USER_EXECUTE };

/* Unmaps everything, and takes all pages back. */
void user_memory_clear(void);

/*
 * Maps a page of zeros.
 *   address   of the page, in the user half
 *   page      set to where the kernel may fill it; NULL: it stays as it is
 * XEN_EINVAL: another address, or something is there already; XEN_ENOMEM: there are no more pages.
 */
bool user_memory_map(uint64_t address, enum user_rights rights, void **page, struct error *err);

/* Maps, read-only, the kernel's page that begins at `page`. Fails as user_memory_map(). */
bool user_memory_share(uint64_t address, const void *page, struct error *err);

/*
 * Maps a page of zeros around `address` if that lies in the region of pages on demand. False:
 * elsewhere, or a page is there already, or there are no more pages.
 */
bool user_memory_demand(uint64_t address);

/* Whether all `size` bytes from `address` on lie in the user half. */
static inline bool user_range_holds(uint64_t address, uint64_t size)
{
    return address >= USER_START && address <= USER_END && size <= USER_END - address;
}

/*
 * Copies `size` bytes from, or to, a program's memory. False if not all of them are in the user
 * half, where nothing is copied, or if ring 3 could not touch them: some may then be copied.
 */
bool user_copy_from(void *to, uint64_t from, size_t size);
bool user_copy_to(uint64_t to, const void *from, size_t size);

/* An instruction that may fault on a program's memory, and where it goes on when it does. */
struct trap_fixup {
    uintptr_t at, resume;
};
extern const struct trap_fixup trap_fixups[];
extern const uint64_t trap_fixup_count;
