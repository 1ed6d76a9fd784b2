/* SPDX-License-Identifier: MIT */
#include "roles/pair/rendezvous.h"

#include "kernel/printk.h"
#include "lib/format.h"
#include "lib/units.h"
#include "xen/clock.h"
#include "xen/evtchn.h"
#include "xen/xenstore.h"

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

static int write_number(uint32_t transaction, const char *path, uint64_t number, struct error *err)
{
    char value[24];

    format(value, sizeof(value), "%lu", number);
    return xenstore_write(transaction, path, value, err);
}

/* Writes a node of ours that only the peer may read. */
static int write_for_peer(uint32_t transaction, const struct rendezvous *meeting, const char *node,
                          uint64_t number, struct error *err)
{
    const struct xenstore_permission list[] = {{'n', meeting->self}, {'r', meeting->peer}};
    struct path path = own(meeting, node);
    int error = write_number(transaction, path.text, number, err);

    return error ? error : xenstore_set_permissions(transaction, path.text, list, 2, err);
}

bool rendezvous_init(struct rendezvous *meeting, const struct options *options,
                     const struct xen_info *xen, struct error *err)
{
    uint32_t self = xen->domid;

    if (!evtchn_init(err) || !xenstore_init(err))
        return false;
    if (!xen->domid_known && xenstore_read_number(0, "domid", 0, DOMID_MAX, &self, err))
        return false;
    *meeting = (struct rendezvous){
        .name = options->name,
        .wait = options->wait,
        .self = (domid_t)self,
        .writer = options->role == ROLE_WRITER,
    };
    return true;
}

static int hang_doorbell(uint32_t transaction, void *context, struct error *err)
{
    const struct rendezvous *meeting = context;
    const struct xenstore_permission list = {'b', meeting->self};
    struct path path = own(meeting, "/reader");
    int error = xenstore_write(transaction, path.text, "", err);

    return error ? error : xenstore_set_permissions(transaction, path.text, &list, 1, err);
}

/* Who rang the doorbell: 0 and meeting->peer; XEN_ENOENT if nobody did; else a ring that lies. */
static int answer_doorbell(struct rendezvous *meeting, struct error *err)
{
    struct path path = own(meeting, "/reader");
    char value[VALUE_SIZE];
    uint32_t reader, writer;
    int error = xenstore_read(0, path.text, value, sizeof(value), err);

    if (error == 0 && value[0] == '\0')
        return XEN_ENOENT;
    if (error == 0)
        error = xenstore_read_number(0, path.text, 0, DOMID_MAX, &reader, err);
    if (error)
        return error == XEN_ENOENT ? XEN_EINVAL : error;

    path = of(meeting, (domid_t)reader, "/writer");
    error = xenstore_read_number(0, path.text, 0, DOMID_MAX, &writer, err);
    if (error)
        return error == XEN_ENOENT ? XEN_EINVAL : error;
    if (writer != meeting->self) {
        fail(err, XEN_EINVAL, "domain %u rang, but looks for domain %u", reader, writer);
        return XEN_EINVAL;
    }
    meeting->peer = (domid_t)reader;
    return 0;
}

/* Nobody rings any more: the doorbell names the reader, to it alone. */
static int close_doorbell(uint32_t transaction, void *context, struct error *err)
{
    const struct rendezvous *meeting = context;

    return write_for_peer(transaction, meeting, "/reader", meeting->peer, err);
}

bool rendezvous_offer(struct rendezvous *meeting, struct error *err)
{
    uint64_t until = deadline(meeting);
    struct path path = own(meeting, "/reader");
    unsigned int bad_rings = 0;
    uint32_t watch;
    int error;

    if (xenstore_transaction(hang_doorbell, meeting, err) || xenstore_watch(path.text, &watch, err))
        return false;
    while ((error = answer_doorbell(meeting, err)) != 0) {
        if (error != XEN_ENOENT && error != XENSTORE_OVER) {
            /* Anybody may ring, or take the doorbell away, as often as it likes: that must neither
             * keep the right one from ringing nor fill the log. */
            bad_rings++;
            if ((bad_rings & (bad_rings - 1)) == 0)
                printk_error("Writer: bad ring %u: %s\n", bad_rings, err->text);
            error = xenstore_transaction(hang_doorbell, meeting, err);
        }
        if (error == XENSTORE_OVER)
            return false;
        if (clock_monotonic_ns() >= until)
            return fail(err, XEN_EINVAL,
                        "waited %u seconds for a reader named \"%s\" to ring; bad rings: %u",
                        meeting->wait, meeting->name, bad_rings);
        error = xenstore_watch_wait(watch, slice_until(until), err);
        if (error && error != XEN_ETIME)
            return false;
    }
    return !xenstore_unwatch(path.text, watch, err) &&
           !xenstore_transaction(close_doorbell, meeting, err) &&
           evtchn_open(meeting->peer, &meeting->port, err);
}

struct publication {
    const struct rendezvous *meeting;
    grant_ref_t ref;
};

static int publish(uint32_t transaction, void *context, struct error *err)
{
    const struct publication *p = context;
    int error = write_for_peer(transaction, p->meeting, "/ring-ref", p->ref, err);

    return error ? error
                 : write_for_peer(transaction, p->meeting, "/event-channel", p->meeting->port, err);
}

bool rendezvous_publish(struct rendezvous *meeting, grant_ref_t ref, struct error *err)
{
    struct publication publication = {meeting, ref};

    return !xenstore_transaction(publish, &publication, err);
}

bool rendezvous_finish(struct rendezvous *meeting, uint64_t count, struct error *err)
{
    struct path path = of(meeting, meeting->peer, "/ack");
    uint32_t ack;

    if (xenstore_read_number(0, path.text, 0, UINT32_MAX, &ack, err))
        return false;
    if (ack != count)
        return fail(err, XEN_EINVAL, "domain %u acknowledges %u rounds, expected %lu",
                    meeting->peer, ack, count);
    return true;
}

bool rendezvous_withdraw(struct rendezvous *meeting, struct error *err)
{
    int error = xenstore_rm(0, own(meeting, "").text, err);
    struct error ignored;

    if (meeting->port) {
        evtchn_notify(meeting->port, &ignored); /* the reader may be gone */
        evtchn_close(meeting->port);
    }
    return error == 0 || error == XEN_ENOENT;
}

struct claim {
    struct rendezvous *meeting;
    domid_t writer;
};

/* Rings, unless another reader was first: XEN_EBUSY. */
static int ring(uint32_t transaction, void *context, struct error *err)
{
    struct claim *claim = context;
    struct rendezvous *meeting = claim->meeting;
    struct path doorbell = of(meeting, claim->writer, "/reader");
    char value[VALUE_SIZE];
    int error = xenstore_read(transaction, doorbell.text, value, sizeof(value), err);

    if (error)
        return error;
    if (value[0] != '\0') {
        fail(err, XEN_EINVAL, "domain %u has its reader already", claim->writer);
        return XEN_EBUSY;
    }
    meeting->peer = claim->writer;
    error = write_for_peer(transaction, meeting, "/writer", claim->writer, err);
    return error ? error : write_number(transaction, doorbell.text, meeting->self, err);
}

/* The result of ring(), without a transaction for those who offer nothing. */
static int try_to_ring(struct rendezvous *meeting, domid_t writer, struct error *err)
{
    struct claim claim = {meeting, writer};
    char value[VALUE_SIZE];
    int error = xenstore_read(0, of(meeting, writer, "/reader").text, value, sizeof(value), err);

    return error ? error : xenstore_transaction(ring, &claim, err);
}

static bool find_writer(struct rendezvous *meeting, uint32_t peer, struct error *err)
{
    uint64_t until = deadline(meeting);
    uint32_t from = meeting->self > RENDEZVOUS_REACH ? meeting->self - RENDEZVOUS_REACH : 0;
    uint32_t to = meeting->self + RENDEZVOUS_REACH;
    struct error refusal = {0};

    if (peer != OPTIONS_AUTO)
        from = to = peer;
    else if (to > DOMID_MAX)
        to = DOMID_MAX;
    do {
        for (uint32_t id = from; id <= to; id++) {
            int error = id == meeting->self ? XEN_ENOENT : try_to_ring(meeting, (domid_t)id, err);

            if (error == 0)
                return true;
            if (error == XENSTORE_OVER)
                return false;
            if (!means_gone(error))
                refusal = *err;
        }
        if (!clock_sleep(SLICE, err))
            return false;
    } while (clock_monotonic_ns() < until);
    return fail(err, XEN_EINVAL,
                "waited %u seconds for a writer named \"%s\" in domains %u to %u%s%s",
                meeting->wait, meeting->name, from, to, refusal.text[0] ? ": " : "", refusal.text);
}

bool rendezvous_find(struct rendezvous *meeting, uint32_t peer, struct error *err)
{
    if (!find_writer(meeting, peer, err))
        return false;

    uint64_t until = deadline(meeting);
    struct path path = of(meeting, meeting->peer, "/event-channel");
    uint32_t port, watch;

    if (xenstore_watch(path.text, &watch, err))
        return false;
    for (;;) {
        struct error no_port;
        int error = xenstore_read_number(0, path.text, 1, PORT_MAX, &port, &no_port);

        if (error == 0)
            break;
        if (!means_gone(error)) {
            *err = no_port;
            return false;
        }
        switch (rendezvous_peer_alive(meeting, err)) {
        case PEER_ALIVE:
            break;
        case PEER_GONE:
            return fail(err, XEN_EINVAL,
                        "the writer, domain %u, went away before it granted anything",
                        meeting->peer);
        case PEER_UNKNOWN:
            return false;
        }
        if (clock_monotonic_ns() >= until)
            return fail(err, XEN_EINVAL, "waited %u seconds for domain %u to grant a page: %s",
                        meeting->wait, meeting->peer, no_port.text);
        error = xenstore_watch_wait(watch, slice_until(until), err);
        if (error && error != XEN_ETIME)
            return false;
    }

    grant_ref_t ref; /* looked at before anything is bound */

    return !xenstore_unwatch(path.text, watch, err) && rendezvous_reference(meeting, &ref, err) &&
           evtchn_bind(meeting->peer, port, &meeting->port, err);
}

bool rendezvous_reference(struct rendezvous *meeting, grant_ref_t *ref, struct error *err)
{
    return !xenstore_read_number(0, of(meeting, meeting->peer, "/ring-ref").text, 0, GREF_MAX, ref,
                                 err);
}

bool rendezvous_send_ack(struct rendezvous *meeting, uint64_t count, struct error *err)
{
    return !write_for_peer(0, meeting, "/ack", count, err);
}

bool rendezvous_notify(struct rendezvous *meeting, struct error *err)
{
    return evtchn_notify(meeting->port, err);
}

enum rendezvous_peer rendezvous_peer_alive(struct rendezvous *meeting, struct error *err)
{
    struct path path = of(meeting, meeting->peer, meeting->writer ? "/writer" : "/reader");
    char value[VALUE_SIZE];
    int error = xenstore_read(0, path.text, value, sizeof(value), err);

    return error == 0 ? PEER_ALIVE : means_gone(error) ? PEER_GONE : PEER_UNKNOWN;
}

bool rendezvous_wait(struct rendezvous *meeting, const char *what, struct error *err)
{
    uint64_t until = deadline(meeting);

    while (!evtchn_wait(meeting->port, slice_until(until))) {
        switch (rendezvous_peer_alive(meeting, err)) {
        case PEER_ALIVE:
            break;
        case PEER_GONE:
            return fail(err, XEN_EINVAL, "domain %u went away; we waited for it to %s",
                        meeting->peer, what);
        case PEER_UNKNOWN:
            return false;
        }
        if (clock_monotonic_ns() >= until)
            return fail(err, XEN_EINVAL, "waited %u seconds for domain %u to %s", meeting->wait,
                        meeting->peer, what);
    }
    return true;
}

bool rendezvous_wait_withdrawn(struct rendezvous *meeting, struct error *err)
{
    uint64_t until = deadline(meeting);
    enum rendezvous_peer peer;

    while ((peer = rendezvous_peer_alive(meeting, err)) == PEER_ALIVE) {
        if (clock_monotonic_ns() >= until)
            return fail(err, XEN_EINVAL, "waited %u seconds for domain %u to take its offer back",
                        meeting->wait, meeting->peer);
        evtchn_wait(meeting->port, slice_until(until));
    }
    return peer == PEER_GONE;
}
