/* SPDX-License-Identifier: MIT */
#include "kernel/rendezvous.h"

#include "kernel/format.h"
#include "kernel/printk.h"
#include "xen/event.h"
#include "xen/pvclock.h"
#include "xen/store.h"
#include "xen/time.h"

#define PATH_SIZE  96
#define VALUE_SIZE 12 /* of a 32-bit number and its NUL */
#define DOMID_MAX  (DOMID_FIRST_RESERVED - 1u)
#define PORT_MAX   131071
#define GREF_MAX   0xfffffffeu
#define SLICE      (NS_PER_SECOND / 2) /* between two looks at the other's nodes */

struct path {
    char text[PATH_SIZE];
};

static struct path own(const struct rendezvous *meeting, const char *node)
{
    struct path path;

    format(path.text, sizeof(path.text), "data/xenolith/%s%s", meeting->name, node);
    return path;
}

static struct path of(const struct rendezvous *meeting, domid_t domid, const char *node)
{
    struct path path;

    format(path.text, sizeof(path.text), "/local/domain/%u/data/xenolith/%s%s", domid,
           meeting->name, node);
    return path;
}

/* There is no such node, as far as we may know: below nodes that we may not read it is EACCES. */
static bool means_gone(int error)
{
    return error == XEN_ENOENT || error == XEN_EACCES;
}

static uint64_t deadline(const struct rendezvous *meeting)
{
    return clock_monotonic_ns() + meeting->wait * NS_PER_SECOND;
}

static uint64_t slice_until(uint64_t until)
{
    uint64_t end = clock_monotonic_ns() + SLICE;

    return end < until ? end : until;
}

static int write_number(uint32_t transaction, const char *path, uint64_t number, struct why *why)
{
    char value[24];

    format(value, sizeof(value), "%lu", number);
    return store_write(transaction, path, value, why);
}

/* Writes a node of ours that only the peer may read. */
static int write_for_peer(uint32_t transaction, const struct rendezvous *meeting, const char *node,
                          uint64_t number, struct why *why)
{
    const struct store_permission list[] = {{'n', meeting->self}, {'r', meeting->peer}};
    struct path path = own(meeting, node);
    int error = write_number(transaction, path.text, number, why);

    return error ? error : store_set_permissions(transaction, path.text, list, 2, why);
}

bool rendezvous_init(struct rendezvous *meeting, const struct cmdline *line,
                     const struct xen_leaves *xen, struct why *why)
{
    uint32_t self = xen->domid;

    if (!event_init(why) || !store_init(why))
        return false;
    if (!xen->domid_known && store_read_number(0, "domid", 0, DOMID_MAX, &self, why))
        return false;
    *meeting = (struct rendezvous){
        .name = line->name,
        .wait = line->wait,
        .self = (domid_t)self,
        .writer = line->role == ROLE_WRITER,
    };
    return true;
}

static int hang_doorbell(uint32_t transaction, void *context, struct why *why)
{
    const struct rendezvous *meeting = context;
    const struct store_permission list = {'b', meeting->self};
    struct path path = own(meeting, "/reader");
    int error = store_write(transaction, path.text, "", why);

    return error ? error : store_set_permissions(transaction, path.text, &list, 1, why);
}

/* Who rang the doorbell: 0 and meeting->peer; XEN_ENOENT if nobody did; else a ring that lies. */
static int answer_doorbell(struct rendezvous *meeting, struct why *why)
{
    struct path path = own(meeting, "/reader");
    char value[VALUE_SIZE];
    uint32_t reader, writer;
    int error = store_read(0, path.text, value, sizeof(value), why);

    if (error == 0 && value[0] == '\0')
        return XEN_ENOENT;
    if (error == 0)
        error = store_read_number(0, path.text, 0, DOMID_MAX, &reader, why);
    if (error)
        return error == XEN_ENOENT ? XEN_EINVAL : error;

    path = of(meeting, (domid_t)reader, "/writer");
    error = store_read_number(0, path.text, 0, DOMID_MAX, &writer, why);
    if (error)
        return error == XEN_ENOENT ? XEN_EINVAL : error;
    if (writer != meeting->self) {
        why_say(why, "domain %u rang, but looks for domain %u", reader, writer);
        return XEN_EINVAL;
    }
    meeting->peer = (domid_t)reader;
    return 0;
}

/* Nobody rings any more: the doorbell names the reader, to it alone. */
static int close_doorbell(uint32_t transaction, void *context, struct why *why)
{
    const struct rendezvous *meeting = context;

    return write_for_peer(transaction, meeting, "/reader", meeting->peer, why);
}

bool rendezvous_offer(struct rendezvous *meeting, struct why *why)
{
    uint64_t until = deadline(meeting);
    struct path path = own(meeting, "/reader");
    unsigned int bad_rings = 0;
    uint32_t watch;
    int error;

    if (store_transaction(hang_doorbell, meeting, why) || store_watch(path.text, &watch, why))
        return false;
    while ((error = answer_doorbell(meeting, why)) != 0) {
        if (error != XEN_ENOENT && error != STORE_OVER) {
            /* Anybody may ring, or take the doorbell away, as often as it likes: that must neither
             * keep the right one from ringing nor fill the log. */
            bad_rings++;
            if ((bad_rings & (bad_rings - 1)) == 0)
                printk_error("Writer: bad ring %u: %s\n", bad_rings, why->text);
            error = store_transaction(hang_doorbell, meeting, why);
        }
        if (error == STORE_OVER)
            return false;
        if (clock_monotonic_ns() >= until)
            return why_say(why,
                           "waited %u seconds for a reader named \"%s\" to ring; bad rings: %u",
                           meeting->wait, meeting->name, bad_rings);
        error = store_watch_wait(watch, slice_until(until), why);
        if (error && error != XEN_ETIME)
            return false;
    }
    return !store_unwatch(path.text, watch, why) &&
           !store_transaction(close_doorbell, meeting, why) &&
           event_open(meeting->peer, &meeting->port, why);
}

struct publication {
    const struct rendezvous *meeting;
    grant_ref_t ref;
};

static int publish(uint32_t transaction, void *context, struct why *why)
{
    const struct publication *p = context;
    int error = write_for_peer(transaction, p->meeting, "/ring-ref", p->ref, why);

    return error ? error
                 : write_for_peer(transaction, p->meeting, "/event-channel", p->meeting->port, why);
}

bool rendezvous_publish(struct rendezvous *meeting, grant_ref_t ref, struct why *why)
{
    struct publication publication = {meeting, ref};

    return !store_transaction(publish, &publication, why);
}

bool rendezvous_acknowledged(struct rendezvous *meeting, uint64_t count, struct why *why)
{
    struct path path = of(meeting, meeting->peer, "/ack");
    uint32_t ack;

    if (store_read_number(0, path.text, 0, UINT32_MAX, &ack, why))
        return false;
    if (ack != count)
        return why_say(why, "domain %u acknowledges %u rounds, expected %lu", meeting->peer, ack,
                       count);
    return true;
}

bool rendezvous_withdraw(struct rendezvous *meeting, struct why *why)
{
    int error = store_rm(0, own(meeting, "").text, why);
    struct why ignored;

    if (meeting->port) {
        event_notify(meeting->port, &ignored); /* the reader may be gone */
        event_close(meeting->port);
    }
    return error == 0 || error == XEN_ENOENT;
}

struct claim {
    struct rendezvous *meeting;
    domid_t writer;
};

/* Rings, unless another reader was first: XEN_EBUSY. */
static int ring(uint32_t transaction, void *context, struct why *why)
{
    struct claim *claim = context;
    struct rendezvous *meeting = claim->meeting;
    struct path doorbell = of(meeting, claim->writer, "/reader");
    char value[VALUE_SIZE];
    int error = store_read(transaction, doorbell.text, value, sizeof(value), why);

    if (error)
        return error;
    if (value[0] != '\0') {
        why_say(why, "domain %u has its reader already", claim->writer);
        return XEN_EBUSY;
    }
    meeting->peer = claim->writer;
    error = write_for_peer(transaction, meeting, "/writer", claim->writer, why);
    return error ? error : write_number(transaction, doorbell.text, meeting->self, why);
}

/* The result of ring(), without a transaction for those who offer nothing. */
static int try_to_ring(struct rendezvous *meeting, domid_t writer, struct why *why)
{
    struct claim claim = {meeting, writer};
    char value[VALUE_SIZE];
    int error = store_read(0, of(meeting, writer, "/reader").text, value, sizeof(value), why);

    return error ? error : store_transaction(ring, &claim, why);
}

static bool find_writer(struct rendezvous *meeting, uint32_t peer, struct why *why)
{
    uint64_t until = deadline(meeting);
    uint32_t from = meeting->self > RENDEZVOUS_REACH ? meeting->self - RENDEZVOUS_REACH : 0;
    uint32_t to = meeting->self + RENDEZVOUS_REACH;
    struct why refusal = {""};

    if (peer != CMDLINE_PEER_AUTO)
        from = to = peer;
    else if (to > DOMID_MAX)
        to = DOMID_MAX;
    do {
        for (uint32_t id = from; id <= to; id++) {
            int error = id == meeting->self ? XEN_ENOENT : try_to_ring(meeting, (domid_t)id, why);

            if (error == 0)
                return true;
            if (error == STORE_OVER)
                return false;
            if (!means_gone(error))
                refusal = *why;
        }
        if (!clock_sleep(SLICE, why))
            return false;
    } while (clock_monotonic_ns() < until);
    return why_say(why, "waited %u seconds for a writer named \"%s\" in domains %u to %u%s%s",
                   meeting->wait, meeting->name, from, to, refusal.text[0] ? ": " : "",
                   refusal.text);
}

bool rendezvous_find(struct rendezvous *meeting, uint32_t peer, struct why *why)
{
    if (!find_writer(meeting, peer, why))
        return false;

    uint64_t until = deadline(meeting);
    struct path path = of(meeting, meeting->peer, "/event-channel");
    uint32_t port, watch;

    if (store_watch(path.text, &watch, why))
        return false;
    for (;;) {
        struct why no_port;
        int error = store_read_number(0, path.text, 1, PORT_MAX, &port, &no_port);

        if (error == 0)
            break;
        if (!means_gone(error)) {
            *why = no_port;
            return false;
        }
        switch (rendezvous_peer_lives(meeting, why)) {
        case PEER_LIVES:
            break;
        case PEER_GONE:
            return why_say(why, "the writer, domain %u, went away before it granted anything",
                           meeting->peer);
        case PEER_UNKNOWN:
            return false;
        }
        if (clock_monotonic_ns() >= until)
            return why_say(why, "waited %u seconds for domain %u to grant a page: %s",
                           meeting->wait, meeting->peer, no_port.text);
        error = store_watch_wait(watch, slice_until(until), why);
        if (error && error != XEN_ETIME)
            return false;
    }

    grant_ref_t ref; /* looked at before anything is bound */

    return !store_unwatch(path.text, watch, why) && rendezvous_reference(meeting, &ref, why) &&
           event_bind(meeting->peer, port, &meeting->port, why);
}

bool rendezvous_reference(struct rendezvous *meeting, grant_ref_t *ref, struct why *why)
{
    return !store_read_number(0, of(meeting, meeting->peer, "/ring-ref").text, 0, GREF_MAX, ref,
                              why);
}

bool rendezvous_acknowledge(struct rendezvous *meeting, uint64_t count, struct why *why)
{
    return !write_for_peer(0, meeting, "/ack", count, why);
}

bool rendezvous_notify(struct rendezvous *meeting, struct why *why)
{
    return event_notify(meeting->port, why);
}

enum rendezvous_peer rendezvous_peer_lives(struct rendezvous *meeting, struct why *why)
{
    struct path path = of(meeting, meeting->peer, meeting->writer ? "/writer" : "/reader");
    char value[VALUE_SIZE];
    int error = store_read(0, path.text, value, sizeof(value), why);

    return error == 0 ? PEER_LIVES : means_gone(error) ? PEER_GONE : PEER_UNKNOWN;
}

bool rendezvous_wait(struct rendezvous *meeting, const char *what, struct why *why)
{
    uint64_t until = deadline(meeting);

    while (!event_wait(meeting->port, slice_until(until))) {
        switch (rendezvous_peer_lives(meeting, why)) {
        case PEER_LIVES:
            break;
        case PEER_GONE:
            return why_say(why, "domain %u went away; we waited for it to %s", meeting->peer, what);
        case PEER_UNKNOWN:
            return false;
        }
        if (clock_monotonic_ns() >= until)
            return why_say(why, "waited %u seconds for domain %u to %s", meeting->wait,
                           meeting->peer, what);
    }
    return true;
}

bool rendezvous_wait_withdrawn(struct rendezvous *meeting, struct why *why)
{
    uint64_t until = deadline(meeting);
    enum rendezvous_peer peer;

    while ((peer = rendezvous_peer_lives(meeting, why)) == PEER_LIVES) {
        if (clock_monotonic_ns() >= until)
            return why_say(why, "waited %u seconds for domain %u to take its offer back",
                           meeting->wait, meeting->peer);
        event_wait(meeting->port, slice_until(until));
    }
    return peer == PEER_GONE;
}
