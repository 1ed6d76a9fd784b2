/* SPDX-License-Identifier: MIT */
#include "kernel/role_writer.h"

#include "arch/x86_64/memlayout.h"
#include "kernel/printk.h"
#include "kernel/rendezvous.h"
#include "kernel/share.h"
#include "kernel/shared_page.h"
#include "kernel/string.h"
#include "xen/grant.h"
#include "xen/pvclock.h"
#include "xen/time.h"

#define LOOK_EVERY    (NS_PER_SECOND / 50) /* at the grant's flags: Xen tells nobody of a change */
#define GOING_SECONDS 5                    /* for Xen to take down a destroyed domain's mappings */

static struct shared_page page __attribute__((aligned(PAGE_SIZE)));

/* References to the page, the first one apart: the others are only there to fill the table. */
struct granted {
    grant_ref_t first;
    uint32_t count;
};

static void fill(const struct cmdline *line, uint64_t sequence)
{
    shared_page_fill(&page, sequence, line->count, line->message, (uint32_t)strlen(line->message));
}

/* Ends what has not ended yet. Returns how many references are still in use, the lowest in *one. */
static uint32_t end_all(const struct granted *granted, grant_ref_t *one)
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
static bool grant_all(const struct cmdline *line, domid_t peer, struct granted *granted,
                      struct why *why)
{
    *granted = (struct granted){0};
    for (uint32_t i = 0; i < line->grants; i++) {
        grant_ref_t ref;

        if (!grant_access(peer, (uintptr_t)&page / PAGE_SIZE, false, &ref, why))
            return false;
        if (i == 0)
            granted->first = ref;
        if (ref != granted->first + i) {
            grant_end(ref);
            return why_say(why, "grant reference %u does not follow %u", ref,
                           granted->first + i - 1);
        }
        granted->count++;
    }
    return true;
}

static void announce(const struct cmdline *line, domid_t peer, const struct granted *granted)
{
    share_print_message("Writer", line->message, strlen(line->message));
    printk(">> Writer: peer domain id %u, frame 0x%lx, grant reference %u\n", peer,
           (uintptr_t)&page / PAGE_SIZE, granted->first);
    if (granted->count > 1)
        printk("Writer: %u references in all, %u of %u frames of the grant table\n", granted->count,
               grant_frames(), grant_frames_max());
}

/* Sleeps until the grant is, or is no longer, in use. */
static bool wait_for_use(grant_ref_t ref, bool in_use, uint32_t seconds)
{
    uint64_t until = clock_monotonic_ns() + seconds * NS_PER_SECOND;
    struct why ignored;

    while (grant_in_use(ref) != in_use)
        if (clock_monotonic_ns() >= until || !clock_sleep(LOOK_EVERY, &ignored))
            return false;
    return true;
}

/*
 * Ends what is granted; for a peer that is going, once it has gone. Says which it was: false, with
 * the reason, which what `why` said before follows, if anything is still in use.
 */
static bool end_and_say(const struct granted *granted, domid_t peer, struct why *why)
{
    uint64_t until = clock_monotonic_ns() + GOING_SECONDS * NS_PER_SECOND;
    struct why before = *why, ignored;
    grant_ref_t one = granted->first, next;
    uint32_t in_use;

    while ((in_use = end_all(granted, &one)) > 0)
        if (clock_monotonic_ns() >= until || !clock_sleep(LOOK_EVERY, &ignored))
            break;
    if (in_use == 0) {
        printk(">> Writer: access ended\n");
        return true;
    }
    if (in_use > 1)
        printk("Writer: %u of %u references are still in use\n", in_use, granted->count);
    if (grant_access(peer, (uintptr_t)&page / PAGE_SIZE, false, &next, &ignored)) {
        printk("Writer: reference %u stays taken, the next one is %u\n", one, next);
        grant_end(next);
    }
    return why_say(why,
                   "grant reference %u is still in use by domain %u and not handed out again%s%s",
                   one, peer, before.text[0] ? ": " : "", before.text);
}

static bool write_to_known_peer(const struct cmdline *line, struct why *why)
{
    domid_t peer = (domid_t)line->peer;
    struct granted granted;

    if (line->count != 1)
        return why_say(why, "count=%u with peer=%u: expected count=1, or peer=auto", line->count,
                       peer);
    fill(line, 1);
    if (!grant_all(line, peer, &granted, why)) {
        end_and_say(&granted, peer, why);
        return false;
    }
    announce(line, peer, &granted);

    why->text[0] = '\0';
    if (!wait_for_use(granted.first, true, line->wait)) {
        why_say(why, "waited %u seconds for domain %u to map reference %u", line->wait, peer,
                granted.first);
        end_and_say(&granted, peer, why);
        return false;
    }
    printk(">> Writer: reader mapped\n");

    bool unmapped = wait_for_use(granted.first, false, line->wait);

    if (unmapped)
        printk(">> Writer: reader unmapped\n");
    else
        why_say(why, "waited %u seconds for it to unmap the page", line->wait);
    return end_and_say(&granted, peer, why) && unmapped;
}

/* One round: grant, tell, wait until it is read, end. */
static bool write_round(const struct cmdline *line, struct rendezvous *meeting, uint64_t sequence,
                        grant_ref_t *published, struct why *why)
{
    struct granted granted;
    grant_ref_t one;

    fill(line, sequence);

    bool told = grant_all(line, meeting->peer, &granted, why);

    if (told && sequence == 1)
        announce(line, meeting->peer, &granted);
    if (told && granted.first != *published)
        told = rendezvous_publish(meeting, granted.first, why);
    *published = granted.first;
    if (told && sequence > 1) /* in the first round, the nodes tell */
        told = rendezvous_notify(meeting, why);
    if (!told || !rendezvous_wait(meeting, "read the page", why)) {
        printk_error(">> Writer: %s\n", why->text);
        end_and_say(&granted, meeting->peer, why);
        return false;
    }
    if (end_all(&granted, &one) == 0)
        return true;
    why_say(why, "domain %u said otherwise", meeting->peer);
    end_and_say(&granted, meeting->peer, why);
    return false;
}

static bool write_rounds(const struct cmdline *line, struct rendezvous *meeting, struct why *why)
{
    struct share_tally before;
    grant_ref_t published = 0;

    share_tally_take(&before);
    for (uint64_t sequence = 1; sequence <= line->count; sequence++)
        if (!write_round(line, meeting, sequence, &published, why))
            return false;
    return share_tally_compare(&before, line->count, why) &&
           rendezvous_acknowledged(meeting, line->count, why);
}

static bool write_to_found_peer(const struct cmdline *line, const struct xen_leaves *xen,
                                struct why *why)
{
    struct rendezvous meeting;
    struct why ignored;

    if (!rendezvous_init(&meeting, line, xen, why))
        return false;
    printk("Writer: waiting for a reader named \"%s\"\n", line->name);

    bool good = rendezvous_offer(&meeting, why) && write_rounds(line, &meeting, why);

    /* Also after a failure: the next reader must not take this offer. */
    if (!rendezvous_withdraw(&meeting, good ? why : &ignored) || !good)
        return false;
    printk(">> Writer: the reader acknowledged; access ended\n");
    return true;
}

bool role_writer(const struct cmdline *line, const struct xen_leaves *xen, struct why *why)
{
    if (!grant_init(why))
        return false;
    return line->peer == CMDLINE_PEER_AUTO ? write_to_found_peer(line, xen, why)
                                           : write_to_known_peer(line, why);
}
