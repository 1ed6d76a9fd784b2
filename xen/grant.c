/* SPDX-License-Identifier: MIT */
#include "xen/grant.h"

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/memlayout.h"
#include "lib/format.h"
#include "xen/hypercall.h"
#include "xen/unpopulated.h"

#define REFS_PER_FRAME (PAGE_SIZE / sizeof(struct grant_entry_v1))
#define FRAMES_MAX     4096  /* we take no more than this, whatever Xen allows */
#define SAVED_REFS     32768 /* of Xen's default for a table's frames, 64 */

static struct {
    /* After a restore Xen has none of these frames any more, nor what others granted us:
     * grant_resume(). */
    volatile struct grant_entry_v1 *table;
    uint32_t frames, frames_max;
    grant_ref_t lowest; /* every reference below is in use */
    uint32_t age;       /* restores so far */
    struct grant_entry_v1 saved[SAVED_REFS];
} state;

static const char *const status_names[] = {
    "GNTST_okay",         "GNTST_general_error",   "GNTST_bad_domain",
    "GNTST_bad_gntref",   "GNTST_bad_handle",      "GNTST_bad_virt_addr",
    "GNTST_bad_dev_addr", "GNTST_no_device_space", "GNTST_permission_denied",
    "GNTST_bad_page",     "GNTST_bad_copy_arg",    "GNTST_address_too_big",
    "GNTST_eagain",       "GNTST_no_space",
};
static const char *const status_meanings[] = GNTTABOP_error_msgs;

#define NAMES    (sizeof(status_names) / sizeof(status_names[0]))
#define MEANINGS (sizeof(status_meanings) / sizeof(status_meanings[0]))

/* GNTST_no_space, the last one, came with Xen 4.16: older headers have no meaning for it. */
_Static_assert(MEANINGS == NAMES || MEANINGS == NAMES - 1, "each status has a name");

/* Fails with "what: GNTST_x (meaning)". */
static bool fail_status(struct error *err, const char *what, int16_t status)
{
    return fail(err, XEN_EPERM, "%s: %s (%s)", what,
                status <= 0 && status > -(int)NAMES ? status_names[-status] : "GNTST_?",
                status <= 0 && status > -(int)MEANINGS ? status_meanings[-status]
                                                       : "a status these headers do not have");
}

static bool fail_reference(struct error *err, const char *what, grant_ref_t ref, domid_t domid,
                           int16_t status)
{
    char text[64];

    format(text, sizeof(text), "%s %u of domain %u", what, ref, domid);
    return fail_status(err, text, status);
}

static void write_entry(grant_ref_t ref, const struct grant_entry_v1 *from)
{
    volatile struct grant_entry_v1 *entry = &state.table[ref];

    entry->frame = from->frame;
    entry->domid = from->domid;
    compiler_barrier(); /* the flags make the entry valid; x86 keeps stores in order */
    entry->flags = from->flags;
}

static bool map_frame(uint32_t index, struct error *err)
{
    struct xen_add_to_physmap add = {
        .domid = DOMID_SELF,
        .space = XENMAPSPACE_grant_table,
        .idx = index,
        .gpfn = (uintptr_t)state.table / PAGE_SIZE + index,
    };

    return check_result(err, hypercall_memory_op(XENMEM_add_to_physmap, &add),
                        "cannot map frame %u of the grant table", index);
}

static bool select_version_1(struct error *err)
{
    struct gnttab_set_version version = {.version = 1};
    int64_t result = hypercall_grant_table_op(GNTTABOP_set_version, &version, 1);

    /* A v1-only Xen may lack GNTTABOP_set_version. */
    return result >= 0 || result == -XEN_ENOSYS ||
           fail(err, (int)-result, "cannot select version 1 of the grant table: -%s",
                xen_errno_name(result));
}

/* The highest first, so that a table that must grow does it once. */
static bool map_frames(struct error *err)
{
    for (uint32_t index = state.frames; index-- > 0;)
        if (!map_frame(index, err))
            return false;
    return true;
}

bool grant_init(struct error *err)
{
    struct gnttab_query_size size = {.dom = DOMID_SELF};
    int64_t result;
    uint64_t address;

    if (!select_version_1(err))
        return false;
    result = hypercall_grant_table_op(GNTTABOP_query_size, &size, 1);
    if (!check_result(err, result, "cannot read the grant table's size"))
        return false;
    if (size.status != GNTST_okay)
        return fail_status(err, "the grant table's size", size.status);

    state.frames_max = size.max_nr_frames < FRAMES_MAX ? size.max_nr_frames : FRAMES_MAX;
    state.frames = size.nr_frames < 1 ? 1 : size.nr_frames;
    if (state.frames > state.frames_max)
        return fail(err, XEN_ERANGE, "the grant table has %u frames of at most %u", state.frames,
                    state.frames_max);
    if (!unpopulated_alloc(state.frames_max, true, &address, err))
        return false;
    state.table = (volatile struct grant_entry_v1 *)address;

    state.lowest = GRANT_FIRST;
    return map_frames(err);
}

bool grant_suspend(struct error *err)
{
    uint32_t count = state.frames * REFS_PER_FRAME;

    for (grant_ref_t ref = SAVED_REFS; ref < count; ref++)
        if (state.table[ref].flags != 0)
            return fail(err, XEN_E2BIG, "grant reference %u is in use, expected none above %u", ref,
                        SAVED_REFS - 1);
    for (grant_ref_t ref = GRANT_FIRST; ref < count && ref < SAVED_REFS; ref++)
        state.saved[ref] = (struct grant_entry_v1){
            .flags = state.table[ref].flags & (uint16_t) ~(GTF_reading | GTF_writing),
            .domid = state.table[ref].domid,
            .frame = state.table[ref].frame,
        };
    return true;
}

bool grant_resume(struct error *err)
{
    state.age++;
    if (!state.table)
        return true;
    if (!select_version_1(err) || !map_frames(err))
        return false;
    for (grant_ref_t ref = GRANT_FIRST; ref < state.frames * REFS_PER_FRAME && ref < SAVED_REFS;
         ref++)
        if (state.saved[ref].flags != 0)
            write_entry(ref, &state.saved[ref]);
    return true;
}

uint32_t grant_frames(void)
{
    return state.frames;
}

uint32_t grant_frames_max(void)
{
    return state.frames_max;
}

/* An entry without flags is a free one: nobody but us puts flags into an entry that has none. */
static bool find_free(grant_ref_t *ref, struct error *err)
{
    while (state.lowest < state.frames * REFS_PER_FRAME && state.table[state.lowest].flags != 0)
        state.lowest++;
    if (state.lowest == state.frames * REFS_PER_FRAME) {
        if (state.frames == state.frames_max)
            return fail(err, XEN_EINVAL,
                        "no grant references left: all %lu of %u frames are in use",
                        state.frames * REFS_PER_FRAME - GRANT_FIRST, state.frames);
        if (!map_frame(state.frames, err))
            return false;
        state.frames++;
    }
    *ref = state.lowest;
    return true;
}

bool grant_access(domid_t domid, uint64_t gfn, bool writable, grant_ref_t *ref, struct error *err)
{
    if (gfn > UINT32_MAX)
        return fail(err, XEN_ERANGE, "frame 0x%lx is beyond what a version 1 grant can name", gfn);
    if (!find_free(ref, err))
        return false;

    struct grant_entry_v1 entry = {
        .flags = GTF_permit_access | (writable ? 0 : GTF_readonly),
        .domid = domid,
        .frame = (uint32_t)gfn,
    };

    write_entry(*ref, &entry);
    return true;
}

bool grant_in_use(grant_ref_t ref)
{
    return state.table[ref].flags & (GTF_reading | GTF_writing);
}

uint32_t grant_count(void)
{
    uint32_t count = 0;

    for (grant_ref_t ref = GRANT_FIRST; ref < state.frames * REFS_PER_FRAME; ref++)
        count += state.table[ref].flags != 0;
    return count;
}

/* One atomic step: between a look at the flags and a store, the peer could map the page. */
bool grant_end(grant_ref_t ref)
{
    volatile uint16_t *flags = &state.table[ref].flags;
    uint16_t seen = *flags;

    while (!(seen & (GTF_reading | GTF_writing))) {
        if (__atomic_compare_exchange_n(flags, &seen, 0, false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_SEQ_CST)) {
            if (ref < state.lowest)
                state.lowest = ref;
            return true;
        }
    }
    return false;
}

static bool unmap_operations(struct gnttab_unmap_grant_ref *operations, uint32_t count,
                             struct error *err)
{
    int64_t result = hypercall_grant_table_op(GNTTABOP_unmap_grant_ref, operations, count);

    if (result != 0)
        return fail(err, (int)-result, "cannot unmap grants: -%s", xen_errno_name(result));
    for (uint32_t i = 0; i < count; i++)
        if (operations[i].status != GNTST_okay)
            return fail_status(err, "cannot unmap a grant", operations[i].status);
    return true;
}

bool grant_map(domid_t domid, const grant_ref_t *refs, uint32_t count, bool writable,
               struct grant_mapping *mapping, struct error *err)
{
    static struct gnttab_map_grant_ref map[GRANT_MAP_MAX];
    static struct gnttab_unmap_grant_ref undo[GRANT_MAP_MAX];
    uint32_t undo_count = 0, bad = count;

    if (count < 1 || count > GRANT_MAP_MAX)
        return fail(err, XEN_E2BIG, "%u references to map at once, expected 1 to %d", count,
                    GRANT_MAP_MAX);
    if (!unpopulated_alloc(count, writable, &mapping->address, err))
        return false;
    mapping->count = count;
    mapping->age = state.age;
    for (uint32_t i = 0; i < count; i++)
        map[i] = (struct gnttab_map_grant_ref){
            .host_addr =
                mapping->address + (uint64_t)i * PAGE_SIZE, /* guest-physical, in an HVM guest */
            .flags = GNTMAP_host_map | (writable ? 0 : GNTMAP_readonly),
            .ref = refs[i],
            .dom = domid,
            .status = GNTST_general_error,
        };

    /* The hypercall's result says only whether Xen looked at the operations. */
    int64_t result = hypercall_grant_table_op(GNTTABOP_map_grant_ref, map, count);

    for (uint32_t i = count; i-- > 0;) {
        mapping->handles[i] = map[i].handle;
        if (map[i].status == GNTST_okay)
            undo[undo_count++] = (struct gnttab_unmap_grant_ref){
                .host_addr = map[i].host_addr,
                .handle = map[i].handle,
            };
        else
            bad = i;
    }
    if (result == 0 && bad == count)
        return true;
    if (undo_count == 0 || unmap_operations(undo, undo_count, NULL))
        unpopulated_free(mapping->address, count);
    if (result != 0)
        return fail(err, (int)-result, "cannot map grants: -%s", xen_errno_name(result));
    return fail_reference(err, "reference", refs[bad], domid, map[bad].status);
}

bool grant_is_lost(const struct grant_mapping *mapping)
{
    return mapping->age != state.age;
}

bool grant_unmap(const struct grant_mapping *mapping, struct error *err)
{
    static struct gnttab_unmap_grant_ref unmap[GRANT_MAP_MAX];

    for (uint32_t i = 0; i < mapping->count; i++)
        unmap[i] = (struct gnttab_unmap_grant_ref){
            .host_addr = mapping->address + (uint64_t)i * PAGE_SIZE,
            .handle = mapping->handles[i],
        };
    if (!grant_is_lost(mapping) && !unmap_operations(unmap, mapping->count, err))
        return false;
    unpopulated_free(mapping->address, mapping->count);
    return true;
}

bool grant_copy_from(domid_t domid, grant_ref_t ref, uint16_t offset, void *to, uint16_t size,
                     struct error *err)
{
    struct gnttab_copy copy = {
        .source = {.u.ref = ref, .domid = domid, .offset = offset},
        .dest = {.u.gmfn = (uintptr_t)to / PAGE_SIZE,
                 .domid = DOMID_SELF,
                 .offset = (uint16_t)((uintptr_t)to % PAGE_SIZE)},
        .len = size,
        .flags = GNTCOPY_source_gref,
        .status = GNTST_general_error,
    };
    int64_t result = hypercall_grant_table_op(GNTTABOP_copy, &copy, 1);

    if (result != 0)
        return fail(err, (int)-result, "cannot copy a grant: -%s", xen_errno_name(result));
    if (copy.status != GNTST_okay)
        return fail_reference(err, "copy of reference", ref, domid, copy.status);
    return true;
}
