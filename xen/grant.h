/* SPDX-License-Identifier: MIT */
/*
 * Grants, version 1: our pages that another domain may use, and pages of others that we map or
 * copy. Interface: xen/include/public/grant_table.h.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "xen/abi/xen.h"

#define GRANT_FIRST   8   /* the first reference that is not reserved: the first one handed out */
#define GRANT_MAP_MAX 256 /* references in one mapping: a ring of 1 MiB */

/*
 * Selects version 1 and maps the table's present frames, with room for as many as Xen says it may
 * grow to. Call once; the rest needs it. XEN_ENOSPC: no room for the table; else Xen's error.
 */
bool grant_init(struct error *err);

/*
 * Before this domain is suspended: notes the entries in use, as the table is not saved with it.
 * XEN_E2BIG: there are references above 32767. After a restore: maps the table again, writes those
 * entries, which nobody uses any more, and forgets what was mapped from others. On failure: Xen's
 * error.
 */
bool grant_suspend(struct error *err);
bool grant_resume(struct error *err);

/* How many frames the table has now, and how many it may have. A frame holds 512 references. */
uint32_t grant_frames(void);
uint32_t grant_frames_max(void);

/*
 * Grants a page: domain `domid` may map it or copy from it. Neither we nor Xen check that the
 * domain exists.
 *   gfn        of the page, below 2^32
 *   writable   it may also write
 *   ref        set to the lowest free reference; a full table grows by a frame
 * XEN_ENOSPC: all references are in use; XEN_ERANGE: no such gfn; else Xen's error.
 */
bool grant_access(domid_t domid, uint64_t gfn, bool writable, grant_ref_t *ref, struct error *err);

/* Whether a domain has the page of `ref` mapped, or is copying it, at this moment. */
bool grant_in_use(grant_ref_t ref);

/* How many references are granted, or were and are still in use. After grant_init(). */
uint32_t grant_count(void);

/*
 * Revokes `ref`. Returns true if the reference is now free; false if the page is in use: the domain
 * keeps its access, the page must not be used for anything else, and the reference is not handed
 * out again. Call again until it returns true. Such references are marked in the table alone, so no
 * number of them is too many.
 */
bool grant_end(grant_ref_t ref);

/* Pages of another domain in our address space. */
struct grant_mapping {
    uint64_t address; /* of the first page; the others follow it */
    uint32_t count;
    uint32_t age; /* which of our domains mapped them: see grant_is_lost() */
    grant_handle_t handles[GRANT_MAP_MAX];
};

/*
 * Maps another domain's pages one after the other, where there is no RAM, in one hypercall. On
 * failure nothing stays mapped.
 *   refs, count   1 to GRANT_MAP_MAX references of domain `domid`
 *   mapping       filled
 * XEN_E2BIG: another count; XEN_ENOSPC: no room; XEN_EPERM with the first refused reference and its
 * status, GNTST_*; else Xen's error.
 */
bool grant_map(domid_t domid, const grant_ref_t *refs, uint32_t count, bool writable,
               struct grant_mapping *mapping, struct error *err);

/* Whether a restore took the pages away since they were mapped. */
bool grant_is_lost(const struct grant_mapping *mapping);

/*
 * Unmaps the pages, in one hypercall, unless they are lost, and frees their addresses. On failure,
 * Xen's error or as grant_map(), the addresses are never used again.
 */
bool grant_unmap(const struct grant_mapping *mapping, struct error *err);

/*
 * Copies from a page that domain `domid` grants by `ref`.
 *   offset, size   bytes in that page
 *   to             must not cross a page
 * On failure: Xen's error, or as grant_map().
 */
bool grant_copy_from(domid_t domid, grant_ref_t ref, uint16_t offset, void *to, uint16_t size,
                     struct error *err);
