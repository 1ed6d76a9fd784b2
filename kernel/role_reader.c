/* SPDX-License-Identifier: MIT */
#include "kernel/role_reader.h"

#include "arch/x86_64/memlayout.h"
#include "kernel/printk.h"
#include "kernel/rendezvous.h"
#include "kernel/share.h"
#include "kernel/shared_page.h"
#include "kernel/string.h"
#include "xen/grant.h"
#include "xen/pvclock.h"
#include "xen/time.h"

#define TRY_EVERY  (NS_PER_SECOND / 2)
#define LOOK_EVERY (NS_PER_SECOND / 5) /* at whether the writer still lives */

/* What a reference gave, copied once: all checks and prints are of this. */
static struct shared_page copy __attribute__((aligned(PAGE_SIZE)));

struct reader {
    const struct cmdline *line;
    struct rendezvous *meeting; /* NULL without xenstore */
    domid_t peer;
    uint32_t hold;  /* seconds */
    uint64_t until; /* by the monotonic clock: Xen's refusals are no failure before */
};

static void print_copy(void)
{
    share_print_message("Reader", copy.message, copy.length);
}

/* Keeps the page mapped for as long as was asked for, or until the writer is gone. */
static bool hold(const struct reader *reader, const struct grant_mapping *mapping, struct why *why)
{
    uint64_t until = clock_monotonic_ns() + reader->hold * NS_PER_SECOND;

    while (clock_monotonic_ns() < until) {
        if (!clock_sleep(LOOK_EVERY, why))
            return false;
        if (!reader->meeting)
            continue;

        enum rendezvous_peer peer = rendezvous_peer_lives(reader->meeting, why);

        if (peer == PEER_LIVES)
            continue;
        if (peer == PEER_UNKNOWN)
            return false;
        memcpy(&copy, (const void *)mapping->address, sizeof(copy));
        if (!shared_page_check(&copy, why))
            return false;
        printk_error(">> Reader: the writer is gone; its page is still mapped and as it was\n");
        return why_say(why, "the writer, domain %u, went away while its page was mapped",
                       reader->peer);
    }
    return true;
}

/* Sleeps a while: the writer may not have granted the page yet. Not when it told us that it has. */
static bool may_try_again(const struct reader *reader, struct why *why)
{
    struct why refusal = *why;

    if (reader->meeting)
        return false;
    if (clock_monotonic_ns() >= reader->until)
        return why_say(why, "waited %u seconds to be let in: %s", reader->line->wait, refusal.text);
    return clock_sleep(TRY_EVERY, why);
}

static bool read_by_mapping(const struct reader *reader, grant_ref_t first, bool loud,
                            struct why *why)
{
    grant_ref_t refs[GRANT_MAP_MAX];
    struct grant_mapping mapping;
    uint32_t count = reader->line->grants;
    struct why unmap_why;
    bool good = true;

    for (uint32_t i = 0; i < count; i++)
        refs[i] = first + i;
    while (!grant_map(reader->peer, refs, count, false, &mapping, why))
        if (!may_try_again(reader, why))
            return false;
    if (loud)
        printk(">> Reader: %u page%s mapped at 0x%lx\n", count, count > 1 ? "s" : "",
               mapping.address);

    for (uint32_t i = count; i-- > 0 && good;) {
        memcpy(&copy, (const void *)(mapping.address + (uint64_t)i * PAGE_SIZE), sizeof(copy));
        good = shared_page_check(&copy, why);
    }
    if (good && loud)
        print_copy();
    good = good && hold(reader, &mapping, why);
    if (!grant_unmap(&mapping, &unmap_why)) {
        *why = unmap_why;
        return false;
    }
    if (loud)
        printk(">> Reader: unmapped\n");
    return good;
}

static bool read_by_copying(const struct reader *reader, grant_ref_t first, bool loud,
                            struct why *why)
{
    for (uint32_t i = reader->line->grants; i-- > 0;) {
        while (!grant_copy_from(reader->peer, first + i, 0, &copy, sizeof(copy), why))
            if (!may_try_again(reader, why))
                return false;
        if (!shared_page_check(&copy, why))
            return false;
    }
    if (loud) {
        printk(">> Reader: copied, not mapped\n");
        print_copy();
    }
    return true;
}

static bool read_page(const struct reader *reader, grant_ref_t ref, bool loud, struct why *why)
{
    return reader->line->by == BY_COPY ? read_by_copying(reader, ref, loud, why)
                                       : read_by_mapping(reader, ref, loud, why);
}

static void announce(domid_t peer, grant_ref_t ref)
{
    printk(">> Reader: peer domain id %u, grant reference %u\n", peer, ref);
}

static bool read_known(const struct cmdline *line, struct why *why)
{
    struct reader reader = {
        .line = line,
        .peer = (domid_t)line->peer,
        .hold = line->hold == CMDLINE_HOLD_AUTO ? 1 : line->hold,
        .until = clock_monotonic_ns() + line->wait * NS_PER_SECOND,
    };

    announce(reader.peer, line->gref);
    return read_page(&reader, line->gref, true, why);
}

static bool read_found(const struct cmdline *line, const struct xen_leaves *xen, struct why *why)
{
    struct rendezvous meeting;
    struct share_tally before;
    struct reader reader = {
        .line = line,
        .meeting = &meeting,
        .hold = line->hold == CMDLINE_HOLD_AUTO ? 0 : line->hold,
    };
    uint64_t sequence = 0, count = 0;

    if (!rendezvous_init(&meeting, line, xen, why))
        return false;
    printk("Reader: looking for a writer named \"%s\"\n", line->name);
    if (!rendezvous_find(&meeting, line->peer, why))
        return false;
    reader.peer = meeting.peer;

    share_tally_take(&before);
    do {
        grant_ref_t ref;

        if (sequence > 0 && !rendezvous_wait(&meeting, "grant the next page", why))
            return false;
        if (!rendezvous_reference(&meeting, &ref, why))
            return false;
        sequence++;
        if (sequence == 1)
            announce(reader.peer, ref);
        if (!read_page(&reader, ref, sequence == 1, why))
            return false;
        if (sequence == 1)
            count = copy.count;
        if (copy.sequence != sequence || copy.count != count)
            return why_say(why, "the page's sequence is %lu of %lu, expected %lu of %lu",
                           copy.sequence, copy.count, sequence, count);
        if ((sequence == count && !rendezvous_acknowledge(&meeting, sequence, why)) ||
            !rendezvous_notify(&meeting, why))
            return false;
    } while (sequence < count);
    return share_tally_compare(&before, sequence, why) && rendezvous_wait_withdrawn(&meeting, why);
}

bool role_reader(const struct cmdline *line, const struct xen_leaves *xen, struct why *why)
{
    if (line->gref != CMDLINE_GREF_AUTO && line->peer == CMDLINE_PEER_AUTO)
        return why_say(why, "gref=%u with peer=auto: expected peer=N, or gref=auto", line->gref);
    /* A copy uses the grant for an instant: the writer, which watches it, may not see that. */
    if (line->gref != CMDLINE_GREF_AUTO && line->by == BY_COPY)
        return why_say(why, "by=copy with gref=%u: expected by=map, or gref=auto", line->gref);
    if (line->hold != CMDLINE_HOLD_AUTO && line->by == BY_COPY)
        return why_say(why, "by=copy with hold=%u: expected by=map, or hold=auto", line->hold);
    if (line->grants > GRANT_MAP_MAX)
        return why_say(why, "grants=%u: a reader maps 1 to %d references", line->grants,
                       GRANT_MAP_MAX);
    if (!grant_init(why))
        return false;
    return line->gref == CMDLINE_GREF_AUTO ? read_found(line, xen, why) : read_known(line, why);
}
