/* SPDX-License-Identifier: MIT */
/*
 * role=writer: grants a page with a message to another domain.
 *
 * With peer=N it prints the grant reference, watches the grant until that domain has mapped and
 * unmapped the page, and revokes it; xenstore is not used. With peer=auto it meets a reader of the
 * same name (roles/pair/rendezvous.h); rounds=N repeats the exchange N times.
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

#define LOOK_EVERY    (NS_PER_SECOND / 50) /* at the grant's flags: Xen reports no change */
#define GOING_SECONDS 5                    /* for Xen to take down a destroyed domain's mappings */

static struct {
    struct shared_page page __attribute__((aligned(PAGE_SIZE)));
} state;

/* References to the page, the first one apart: the others are only there to fill the table. */
struct granted {
    grant_ref_t first;
    uint32_t count;
};

static void fill_page(const struct options *options, uint64_t sequence)
{
    shared_page_fill(&state.page, sequence, options->rounds, options->message,
                     (uint32_t)strlen(options->message));
}

/* Revokes what is still granted. Returns how many references are in use, the lowest in *one. */
static uint32_t revoke_all(const struct granted *granted, grant_ref_t *one)
{
    uint32_t in_use = 0;

    for (uint32_t i = granted->count; i-- > 0;) {
        if (!grant_end(granted->first + i)) {
            *one = granted->first + i;
            in_use++;
        }
    }
    return in_use;
}

/* Lowest first in a table that nobody else uses: the references follow one another. */
static bool grant_all(const struct options *options, domid_t peer, struct granted *granted,
                      struct error *err)
{
    *granted = (struct granted){0};
    for (uint32_t i = 0; i < options->grants; i++) {
        grant_ref_t ref;

        if (!grant_access(peer, (uintptr_t)&state.page / PAGE_SIZE, false, &ref, err))
            return false;
        if (i == 0)
            granted->first = ref;
        if (ref != granted->first + i) {
            grant_end(ref);
            return fail(err, XEN_EIO, "grant reference %u does not follow %u", ref,
                        granted->first + i - 1);
        }
        granted->count++;
    }
    return true;
}

static void announce(const struct options *options, domid_t peer, const struct granted *granted)
{
    message_print("Writer", options->message, strlen(options->message));
    printk(">> Writer: peer domain id %u, frame 0x%lx, grant reference %u\n", peer,
           (uintptr_t)&state.page / PAGE_SIZE, granted->first);
    if (granted->count > 1)
        printk("Writer: %u references in all, %u of %u frames of the grant table\n", granted->count,
               grant_frames(), grant_frames_max());
}

static uint64_t deadline(const struct options *options)
{
    return clock_monotonic_ns() + options->wait * NS_PER_SECOND;
}

/*
 * Sleeps until the grant is, or is no longer, in use. XEN_ETIME: not before `until`, monotonic ns;
 * LIFECYCLE_RESTORED: in this domain it never was in use.
 */
static bool wait_for_use(grant_ref_t ref, bool in_use, uint64_t until, struct error *err)
{
    uint32_t restores = lifecycle_restores();

    while (grant_in_use(ref) != in_use) {
        if (clock_monotonic_ns() >= until)
            return fail(err, XEN_ETIME, "the use of reference %u did not change in time", ref);
        if (!lifecycle_sleep(LOOK_EVERY, err))
            return false;
        if (lifecycle_restores() != restores)
            return fail(err, LIFECYCLE_RESTORED,
                        "this domain was suspended while its page was mapped, and cannot see "
                        "whether it was unmapped");
    }
    return true;
}

/* The same, but waits for a peer that is going until it has gone. */
static uint32_t revoke_in_time(const struct granted *granted, grant_ref_t *one)
{
    uint64_t until = clock_monotonic_ns() + GOING_SECONDS * NS_PER_SECOND;
    uint32_t in_use;

    while ((in_use = revoke_all(granted, one)) > 0)
        if (clock_monotonic_ns() >= until || !clock_sleep(LOOK_EVERY, NULL))
            break;
    return in_use;
}

/*
 * Revokes what is granted; for a peer that is going, once it has gone. Says which it was.
 * XEN_EBUSY: something is still in use; `before`, unless it is NULL, is what went wrong before.
 */
static bool revoke_and_say(const struct granted *granted, domid_t peer, const struct error *before,
                           struct error *err)
{
    grant_ref_t one = granted->first, next;
    uint32_t in_use = revoke_in_time(granted, &one);

    if (in_use == 0) {
        printk(">> Writer: access ended\n");
        return before ? fail_as(err, before) : true;
    }
    if (before && before->code == LIFECYCLE_STOP)
        return fail_as(err, before); /* Xen ends the access when it ends this domain */
    if (in_use > 1)
        printk("Writer: %u of %u references are still in use\n", in_use, granted->count);
    if (grant_access(peer, (uintptr_t)&state.page / PAGE_SIZE, false, &next, NULL)) {
        printk("Writer: reference %u stays taken, the next one is %u\n", one, next);
        grant_end(next);
    }
    return fail(err, XEN_EBUSY,
                "grant reference %u is still in use by domain %u and not handed out again%s%s", one,
                peer, before ? ": " : "", before ? before->text : "");
}

static bool write_to_known_peer(const struct options *options, struct error *err)
{
    domid_t peer = (domid_t)options->peer;
    struct granted granted;
    struct error wrong;

    if (options->rounds != 1)
        return fail(err, XEN_EINVAL, "rounds=%u with peer=%u: expected rounds=1, or peer=auto",
                    options->rounds, peer);
    fill_page(options, 1);
    if (!grant_all(options, peer, &granted, &wrong))
        return revoke_and_say(&granted, peer, &wrong, err);
    announce(options, peer, &granted);

    uint64_t until = deadline(options); /* however often we are restored meanwhile */

    while (!wait_for_use(granted.first, true, until, &wrong)) {
        if (wrong.code == LIFECYCLE_RESTORED) {
            announce(options, peer, &granted); /* the reader has to be told our new id */
            continue;
        }
        if (wrong.code == XEN_ETIME)
            fail(&wrong, XEN_ETIME, "waited %u seconds for domain %u to map reference %u",
                 options->wait, peer, granted.first);
        return revoke_and_say(&granted, peer, &wrong, err);
    }
    printk(">> Writer: reader mapped\n");

    if (!wait_for_use(granted.first, false, deadline(options), &wrong)) {
        if (wrong.code == XEN_ETIME)
            fail(&wrong, XEN_ETIME, "waited %u seconds for it to unmap the page", options->wait);
        return revoke_and_say(&granted, peer, &wrong, err);
    }
    printk(">> Writer: reader unmapped\n");
    return revoke_and_say(&granted, peer, NULL, err);
}

/* One round: grant, tell, wait until it is read, revoke. */
static bool write_round(const struct options *options, struct rendezvous *meeting,
                        uint64_t sequence, struct error *err)
{
    struct granted granted;
    grant_ref_t one;
    struct error wrong;

    fill_page(options, sequence);

    bool told = grant_all(options, meeting->peer, &granted, &wrong);

    if (told && sequence == 1)
        announce(options, meeting->peer, &granted);
    bool just_met = meeting->ref == 0; /* then the nodes tell */

    if (told && granted.first != meeting->ref)
        told = rendezvous_publish(meeting, granted.first, &wrong);
    if (told && !just_met)
        told = rendezvous_notify(meeting, &wrong);
    if (!told || !rendezvous_wait(meeting, "read the page", &wrong)) {
        if (rendezvous_is_parted(meeting, &wrong) && revoke_in_time(&granted, &one) == 0)
            return fail_as(err, &wrong);
        printk_error(">> Writer: %s\n", wrong.text);
        return revoke_and_say(&granted, meeting->peer, &wrong, err);
    }
    if (revoke_all(&granted, &one) == 0)
        return true;
    fail(&wrong, XEN_EBUSY, "domain %u reported the page unmapped while it was in use",
         meeting->peer);
    return revoke_and_say(&granted, meeting->peer, &wrong, err);
}

/*
 * Meets the reader again, if `wrong` went wrong because one of the two was suspended; sets *rounds
 * to what the reader has read. Else fails with it.
 */
static bool meet_again(struct rendezvous *meeting, uint64_t least, uint64_t most, uint64_t *rounds,
                       const struct error *wrong, struct error *err)
{
    if (!rendezvous_is_parted(meeting, wrong))
        return fail_as(err, wrong);
    if (!rendezvous_rejoin(meeting, OPTIONS_AUTO, rounds, false, err))
        return false;
    return (*rounds >= least && *rounds <= most) ||
           fail(err, XEN_EINVAL, "domain %u has read %lu rounds, expected %lu to %lu",
                meeting->peer, *rounds, least, most);
}

static bool finish_rounds(const struct options *options, struct rendezvous *meeting,
                          struct error *err)
{
    uint64_t rounds = options->rounds;
    struct error wrong;

    while (!rendezvous_finish(meeting, options->rounds, &wrong))
        if (!meet_again(meeting, rounds, rounds, &rounds, &wrong, err))
            return false;
    return true;
}

static bool write_rounds(const struct options *options, struct rendezvous *meeting,
                         struct error *err)
{
    struct snapshot before;
    struct error wrong;

    snapshot_take(&before);
    for (uint64_t done = 0; done < options->rounds;) {
        if (write_round(options, meeting, done + 1, &wrong))
            done++;
        else if (!meet_again(meeting, done, done + 1, &done, &wrong, err))
            return false;
    }
    return snapshot_check(&before, options->rounds, err) && finish_rounds(options, meeting, err);
}

static bool write_to_found_peer(const struct options *options, const struct xen_info *xen,
                                struct error *err)
{
    struct rendezvous meeting;

    if (!rendezvous_init(&meeting, options, xen, true, "reader", err))
        return false;
    printk("Writer: waiting for a reader named \"%s\"\n", options->name);

    bool good = rendezvous_offer(&meeting, err) && write_rounds(options, &meeting, err);

    /* Also after a failure: the next reader must not claim this offer. */
    if (!rendezvous_withdraw(&meeting, good ? err : NULL) || !good)
        return false;
    printk(">> Writer: the reader acknowledged; access ended\n");
    return true;
}

bool role_writer(const struct options *options, const struct xen_info *xen, struct error *err)
{
    if (!grant_init(err))
        return false;
    return options->peer == OPTIONS_AUTO ? write_to_found_peer(options, xen, err)
                                         : write_to_known_peer(options, err);
}
