/* SPDX-License-Identifier: MIT */
/*
 * role=reader: maps, or copies, a page that another domain grants, and prints the message.
 *
 * With peer=M gref=G it maps that reference, trying again until the wait runs out while Xen
 * refuses, and keeps it for a second, so that the writer notices; xenstore is not used. With
 * gref=auto it meets a writer of the same name (roles/pair/rendezvous.h) and reads the page of each
 * round.
 */
#include "arch/x86_64/memlayout.h"
#include "kernel/printk.h"
#include "lib/string.h"
#include "lib/units.h"
#include "roles/pair/accounting.h"
#include "roles/pair/rendezvous.h"
#include "roles/pair/shared_page.h"
#include "roles/role.h"
#include "xen/clock.h"
#include "xen/grant.h"
#include "xen/lifecycle.h"

#define TRY_EVERY  (NS_PER_SECOND / 2)
#define LOOK_EVERY (NS_PER_SECOND / 5) /* at whether the writer is still alive */

static struct {
    /* What a reference gave, copied once: all checks and prints are of this. */
    struct shared_page copy __attribute__((aligned(PAGE_SIZE)));
} state;

struct reader {
    const struct options *options;
    struct rendezvous *meeting; /* NULL without xenstore */
    domid_t peer;
    uint32_t hold;  /* seconds */
    uint64_t until; /* monotonic ns: Xen's refusals are no failure before */
};

/* Keeps the page mapped for as long as asked for, or until the writer is gone. */
static bool hold_page(const struct reader *reader, const struct grant_mapping *mapping,
                      struct error *err)
{
    uint64_t until = clock_monotonic_ns() + reader->hold * NS_PER_SECOND;
    struct error wrong;

    while (clock_monotonic_ns() < until) {
        if (!lifecycle_sleep(LOOK_EVERY, err))
            return false;
        if (grant_is_lost(mapping))
            return fail(err, LIFECYCLE_RESTORED,
                        "this domain was suspended while it had domain %u's page mapped",
                        reader->peer);
        if (!reader->meeting || rendezvous_peer_alive(reader->meeting, &wrong))
            continue;
        if (wrong.code != XEN_ESRCH)
            return fail_as(err, &wrong);
        memcpy(&state.copy, (const void *)mapping->address, sizeof(state.copy));
        if (!shared_page_check(&state.copy, err))
            return false;
        printk_error(">> Reader: the writer is gone; its page is still mapped and as it was\n");
        return fail(err, XEN_ESRCH, "the writer, domain %u, went away while its page was mapped",
                    reader->peer);
    }
    return true;
}

/* Sleeps after a refusal: the writer may not have granted the page yet. Not when it said it has. */
static bool may_try_again(const struct reader *reader, const struct error *refusal,
                          struct error *err)
{
    if (reader->meeting)
        return fail_as(err, refusal);
    if (clock_monotonic_ns() >= reader->until)
        return fail(err, XEN_ETIME, "could not map within %u seconds: %s%s", reader->options->wait,
                    refusal->text,
                    lifecycle_restores() ? "; a restore gave this domain another id" : "");
    return lifecycle_sleep(TRY_EVERY, err);
}

static bool read_by_mapping(const struct reader *reader, grant_ref_t first, bool loud,
                            struct error *err)
{
    grant_ref_t refs[GRANT_MAP_MAX];
    struct grant_mapping mapping;
    uint32_t count = reader->options->pages;
    struct error wrong;
    bool good = true;

    for (uint32_t i = 0; i < count; i++)
        refs[i] = first + i;
    while (!grant_map(reader->peer, refs, count, false, &mapping, &wrong))
        if (!may_try_again(reader, &wrong, err))
            return false;
    if (loud)
        printk(">> Reader: %u page%s mapped at 0x%lx\n", count, count > 1 ? "s" : "",
               mapping.address);

    for (uint32_t i = count; i-- > 0 && good;) {
        memcpy(&state.copy, (const void *)(mapping.address + (uint64_t)i * PAGE_SIZE),
               sizeof(state.copy));
        good = shared_page_check(&state.copy, err);
    }
    if (good && loud)
        message_print("Reader", state.copy.message, state.copy.length);
    good = good && hold_page(reader, &mapping, err);
    if (!grant_unmap(&mapping, &wrong))
        return fail_as(err, &wrong);
    if (loud)
        printk(">> Reader: unmapped\n");
    return good;
}

static bool read_by_copying(const struct reader *reader, grant_ref_t first, bool loud,
                            struct error *err)
{
    struct error wrong;

    for (uint32_t i = reader->options->pages; i-- > 0;) {
        while (
            !grant_copy_from(reader->peer, first + i, 0, &state.copy, sizeof(state.copy), &wrong))
            if (!may_try_again(reader, &wrong, err))
                return false;
        if (!shared_page_check(&state.copy, err))
            return false;
    }
    if (loud) {
        printk(">> Reader: copied, not mapped\n");
        message_print("Reader", state.copy.message, state.copy.length);
    }
    return true;
}

static bool read_page(const struct reader *reader, grant_ref_t ref, bool loud, struct error *err)
{
    return reader->options->access == ACCESS_COPY ? read_by_copying(reader, ref, loud, err)
                                                  : read_by_mapping(reader, ref, loud, err);
}

static void announce(domid_t peer, grant_ref_t ref)
{
    printk(">> Reader: peer domain id %u, grant reference %u\n", peer, ref);
}

static bool read_from_known(const struct options *options, struct error *err)
{
    struct reader reader = {
        .options = options,
        .peer = (domid_t)options->peer,
        .hold = options->hold == OPTIONS_AUTO ? 1 : options->hold,
        .until = clock_monotonic_ns() + options->wait * NS_PER_SECOND,
    };

    announce(reader.peer, options->gref);
    return read_page(&reader, options->gref, true, err);
}

/* Sets *rounds from the first page. */
static bool read_round(struct reader *reader, uint64_t sequence, bool just_met, uint64_t *rounds,
                       struct error *err)
{
    grant_ref_t ref;

    if (!just_met && !rendezvous_wait(reader->meeting, "grant the next page", err))
        return false;
    if (!rendezvous_reference(reader->meeting, &ref, err))
        return false;
    if (sequence == 1)
        announce(reader->peer, ref);
    if (!read_page(reader, ref, sequence == 1, err))
        return false;
    if (sequence == 1)
        *rounds = state.copy.count;
    if (state.copy.sequence != sequence || state.copy.count != *rounds)
        return fail(err, XEN_EINVAL, "the page's sequence is %lu of %lu, expected %lu of %lu",
                    state.copy.sequence, state.copy.count, sequence, *rounds);
    return (sequence < *rounds || rendezvous_send_ack(reader->meeting, sequence, err)) &&
           rendezvous_notify(reader->meeting, err);
}

/* Meets the writer again, if `wrong` went wrong because one of the two was suspended. */
static bool meet_again(struct reader *reader, uint64_t *read, bool last, const struct error *wrong,
                       struct error *err)
{
    if (!rendezvous_is_parted(reader->meeting, wrong))
        return fail_as(err, wrong);
    if (!rendezvous_rejoin(reader->meeting, reader->options->peer, read, last, err))
        return false;
    reader->peer = reader->meeting->peer;
    return true;
}

static bool read_from_found(const struct options *options, const struct xen_info *xen,
                            struct error *err)
{
    struct rendezvous meeting;
    struct snapshot before;
    struct reader reader = {
        .options = options,
        .meeting = &meeting,
        .hold = options->hold == OPTIONS_AUTO ? 0 : options->hold,
    };
    uint64_t read = 0, rounds = 1; /* until the first page says how many */
    struct error wrong;

    if (!rendezvous_init(&meeting, options, xen, false, "writer", err))
        return false;
    printk("Reader: looking for a writer named \"%s\"\n", options->name);
    if (!rendezvous_find(&meeting, options->peer, err))
        return false;
    reader.peer = meeting.peer;

    snapshot_take(&before);
    for (bool just_met = true; read < rounds;) {
        if (read_round(&reader, read + 1, just_met, &rounds, &wrong)) {
            read++;
            just_met = false;
            continue;
        }
        if (!meet_again(&reader, &read, false, &wrong, err))
            return false;
        just_met = true;
    }
    if (!snapshot_check(&before, read, err))
        return false;
    while (!rendezvous_wait_withdrawn(&meeting, &wrong))
        if (!meet_again(&reader, &read, true, &wrong, err))
            return false;
    return true;
}

bool role_reader(const struct options *options, const struct xen_info *xen, struct error *err)
{
    if (options->gref != OPTIONS_AUTO && options->peer == OPTIONS_AUTO)
        return fail(err, XEN_EINVAL, "gref=%u with peer=auto: expected peer=N, or gref=auto",
                    options->gref);
    /* A copy uses the grant for an instant: the writer, watching it, may miss that. */
    if (options->gref != OPTIONS_AUTO && options->access == ACCESS_COPY)
        return fail(err, XEN_EINVAL, "access=copy with gref=%u: expected access=map, or gref=auto",
                    options->gref);
    if (options->hold != OPTIONS_AUTO && options->access == ACCESS_COPY)
        return fail(err, XEN_EINVAL, "access=copy with hold=%u: expected access=map, or hold=auto",
                    options->hold);
    if (!grant_init(err))
        return false;
    return options->gref == OPTIONS_AUTO ? read_from_found(options, xen, err)
                                         : read_from_known(options, err);
}
