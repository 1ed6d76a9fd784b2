/* SPDX-License-Identifier: MIT */
/*
 * Grants, version 1: pages that we let another domain use, and pages of others that we map or
 * copy. Interface: xen/include/public/grant_table.h.
 */
#ifndef XENOLITH_XEN_GRANT_H
#define XENOLITH_XEN_GRANT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "xen/abi/xen.h"

#define GRANT_FIRST   8  /* the first reference that is not reserved: the first one handed out */
#define GRANT_MAP_MAX 64 /* references in one mapping */

/*
 * Chooses version 1 and maps the table's present frames into xen/hole.h's hole, with room for as
 * many as Xen says it may grow to. False, with the reason, if Xen refuses or the hole is too small.
 * Call once; the rest needs it.
 */
bool grant_init(struct error *err);

/* How many frames the table has now, and how many it may have. A frame holds 512 references. */
uint32_t grant_frames(void);
uint32_t grant_frames_max(void);

/*
 * Lets domain `domid` map or copy from the page at guest frame `gfn`, and write to it if
 * `writable`. Sets *ref to the lowest free reference; the table grows by a frame when it is full.
 * False, with the reason, if there are no more references. That the domain exists is not checked,
 * by Xen neither.
 */
bool grant_access(domid_t domid, uint64_t gfn, bool writable, grant_ref_t *ref, struct error *err);

/* Whether a domain has what `ref` grants mapped, or is copying it, at this moment. */
bool grant_in_use(grant_ref_t ref);

/*
 * Ends the access that `ref` gives. Returns true if it is over and the reference free. Returns
 * false if the page is in use: the domain keeps its access, the page must not be used for anything
 * else, and the reference is not handed out again. Call again until it returns true: what is in use
 * is marked so in the table alone, so that no number of references is too many.
 */
bool grant_end(grant_ref_t ref);

/* Pages of another domain in our address space. */
struct grant_mapping {
    uint64_t address; /* of the first page; the others follow it */
    uint32_t count;
    grant_handle_t handles[GRANT_MAP_MAX];
};

/*
 * Maps the pages that domain `domid` grants by the `count` (1 to GRANT_MAP_MAX) references
 * `refs` one after the other, where there is no RAM, in one hypercall; writable if asked.
 * Fills `mapping`. False, with the first refused reference and Xen's status, if not all of them
 * could be mapped: then none is.
 */
bool grant_map(domid_t domid, const grant_ref_t *refs, uint32_t count, bool writable,
               struct grant_mapping *mapping, struct error *err);

/*
 * Takes the pages out again, in one hypercall, and gives their addresses back. False, with the
 * reason, if Xen refuses any; the addresses are then never used again.
 */
bool grant_unmap(const struct grant_mapping *mapping, struct error *err);

/*
 * Copies `size` bytes, from `offset` on, of the page that domain `domid` grants by `ref`, to `to`,
 * which must not cross a page. False, with Xen's status, if Xen refuses.
 */
bool grant_copy_from(domid_t domid, grant_ref_t ref, uint16_t offset, void *to, uint16_t size,
                     struct error *err);

/* The name of a status, "GNTST_bad_gntref" for -3, and what it means, in words. */
const char *grant_status_name(int16_t status);
const char *grant_status_meaning(int16_t status);

#endif
