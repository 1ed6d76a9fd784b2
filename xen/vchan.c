/* SPDX-License-Identifier: MIT */
#include "xen/vchan.h"

#include "arch/x86_64/memlayout.h"
#include "lib/format.h"
#include "lib/string.h"
#include "lib/units.h"
#include "xen/clock.h"
#include "xen/evtchn.h"
#include "xen/lifecycle.h"
#include "xen/xenstore.h"

#define PORT_MAX   131071u
#define GREF_MAX   0xfffffffeu
#define SLICE      (NS_PER_SECOND / 2)  /* between two looks at whether the other domain is there */
#define LOOK_EVERY (NS_PER_SECOND / 50) /* at whether a client has unmapped */
#define CLOSING    NS_PER_SECOND        /* a server that is closing may remove its nodes last */

struct node {
    char text[VCHAN_PATH_SIZE + sizeof("/event-channel")];
};

static struct node node_of(const struct vchan *vchan, const char *name)
{
    struct node node;

    format(node.text, sizeof(node.text), "%s/%s", vchan->path, name);
    return node;
}

static bool set_up(struct vchan *vchan, domid_t peer, const char *path, struct error *err)
{
    memset(vchan, 0, sizeof(*vchan));
    vchan->peer = peer;
    vchan->restores = lifecycle_restores();
    if (strnlen(path, VCHAN_PATH_SIZE) == VCHAN_PATH_SIZE)
        return fail(err, XEN_ENAMETOOLONG, "a vchan's path has at most %d bytes",
                    VCHAN_PATH_SIZE - 1);
    memcpy(vchan->path, path, strlen(path));
    return true;
}

/* Remembers why the stream is over, with the other end's name. */
static bool end_stream(struct vchan *vchan, const struct error *why, struct error *err)
{
    if (vchan->over.code == 0)
        fail(&vchan->over, why->code, "domain %u: %s", vchan->peer, why->text);
    return fail_as(err, &vchan->over);
}

/* ---- The server ---- */

static bool grant_page(struct vchan *vchan, const void *page, grant_ref_t *ref, struct error *err)
{
    return grant_access(vchan->peer, (uintptr_t)page / PAGE_SIZE, true, ref, err);
}

static bool grant_ring(struct vchan *vchan, const struct vchan_place *place, const uint8_t *bytes,
                       struct error *err)
{
    for (uint32_t i = 0; i < place->pages; i++) {
        grant_ref_t *ref = &vchan->refs[vchan->ref_count];

        if (!grant_page(vchan, bytes + (uint64_t)i * PAGE_SIZE, ref, err))
            return false;
        vchan->end.page->grants[vchan->ref_count++] = *ref;
    }
    return true;
}

static bool publish_number(uint32_t transaction, const struct vchan *vchan, const char *name,
                           uint32_t number, struct error *err)
{
    const struct xenstore_permission list[] = {{'n', vchan->self}, {'r', vchan->peer}};
    struct node node = node_of(vchan, name);
    char value[12];

    format(value, sizeof(value), "%u", number);
    return xenstore_write(transaction, node.text, value, err) &&
           xenstore_set_permissions(transaction, node.text, list, 2, err);
}

static bool publish(uint32_t transaction, void *context, struct error *err)
{
    const struct vchan *vchan = context;

    return publish_number(transaction, vchan, "ring-ref", vchan->head_ref, err) &&
           publish_number(transaction, vchan, "event-channel", vchan->port, err);
}

bool vchan_serve(struct vchan *vchan, domid_t self, domid_t peer, const char *path, uint32_t left,
                 uint32_t right, const struct vchan_memory *memory, struct error *err)
{
    struct vchan_layout layout;

    if (!set_up(vchan, peer, path, err) || !vchan_ring_layout(left, right, &layout, err))
        return false;
    vchan->self = self;
    vchan_ring_serve(&vchan->end, memory->page, &layout, memory->left, memory->right);
    if (grant_page(vchan, memory->page, &vchan->head_ref, err) &&
        grant_ring(vchan, &layout.left, memory->left, err) &&
        grant_ring(vchan, &layout.right, memory->right, err) &&
        evtchn_open(peer, &vchan->port, err) && xenstore_transaction(publish, vchan, err)) {
        vchan->published = true;
        return true;
    }
    vchan_close(vchan, 0, NULL);
    return false;
}

static bool revoke(struct vchan *vchan, uint64_t timeout, struct error *err)
{
    uint64_t deadline = clock_monotonic_ns() + timeout;

    while (vchan->ref_count > 0 || vchan->head_ref != 0) {
        grant_ref_t *last =
            vchan->ref_count > 0 ? &vchan->refs[vchan->ref_count - 1] : &vchan->head_ref;

        if (grant_end(*last)) {
            *last = 0;
            vchan->ref_count -= vchan->ref_count > 0;
            continue;
        }
        if (clock_monotonic_ns() >= deadline)
            return fail(err, XEN_EBUSY, "domain %u still has grant reference %u mapped",
                        vchan->peer, *last);
        if (!lifecycle_sleep(LOOK_EVERY, err))
            return false;
    }
    return true;
}

/* ---- The client ---- */

static bool map_ring(struct vchan *vchan, const struct vchan_place *place,
                     struct grant_mapping *mapping, struct error *err)
{
    if (place->pages == 0)
        return true;
    /* Copied once: the server may change the list at any time. */
    for (uint32_t i = 0; i < place->pages; i++)
        vchan->refs[i] = vchan->end.page->grants[place->first + i];
    if (grant_map(vchan->peer, vchan->refs, place->pages, true, mapping, err))
        return true;
    mapping->count = 0;
    return false;
}

static bool unmap(struct grant_mapping *mapping, struct error *err)
{
    bool good = mapping->count == 0 || grant_unmap(mapping, err);

    mapping->count = 0;
    return good;
}

static bool map_all(struct vchan *vchan, grant_ref_t ref, struct error *err)
{
    struct vchan_layout layout;
    uint32_t left, right;
    void *page;

    if (!grant_map(vchan->peer, &ref, 1, true, &vchan->head, err)) {
        vchan->head.count = 0;
        return false;
    }
    page = (void *)vchan->head.address;
    vchan->end.page = page;
    vchan_ring_orders(page, &left, &right);
    if (!vchan_ring_layout(left, right, &layout, err) ||
        !map_ring(vchan, &layout.left, &vchan->left, err) ||
        !map_ring(vchan, &layout.right, &vchan->right, err) ||
        !vchan_ring_join(&vchan->end, page, &layout, (void *)vchan->left.address,
                         (void *)vchan->right.address, err))
        return false;
    vchan->mapped = true;
    return true;
}

/* Whether the node is not there yet, or not readable yet: both are so while the server begins. */
static bool may_come(const struct error *err)
{
    return err->code == XEN_ENOENT || err->code == XEN_EACCES;
}

static bool read_nodes(const struct vchan *vchan, uint32_t *ref, uint32_t *port, struct error *err)
{
    return xenstore_read_number(0, node_of(vchan, "event-channel").text, 1, PORT_MAX, port, err) &&
           xenstore_read_number(0, node_of(vchan, "ring-ref").text, 1, GREF_MAX, ref, err);
}

/* Reads the nodes again when `watch` fires, and now and then, until they are there. */
static bool wait_for_nodes(const struct vchan *vchan, uint32_t watch, uint64_t timeout,
                           uint32_t *ref, uint32_t *port, struct error *err)
{
    uint64_t deadline = clock_monotonic_ns() + timeout;
    struct error wrong;

    while (!read_nodes(vchan, ref, port, &wrong)) {
        uint64_t now = clock_monotonic_ns();

        if (!may_come(&wrong))
            return fail_as(err, &wrong);
        if (now >= deadline)
            return fail(err, XEN_ETIME, "waited %lu seconds for domain %u to publish %s",
                        ns_to_seconds_ceil(timeout), vchan->peer, vchan->path);
        if (!lifecycle_wait_watch(watch, now + SLICE < deadline ? now + SLICE : deadline, &wrong) &&
            wrong.code != XEN_ETIME)
            return fail_as(err, &wrong);
    }
    return true;
}

static bool find_nodes(const struct vchan *vchan, uint64_t timeout, uint32_t *ref, uint32_t *port,
                       struct error *err)
{
    uint32_t watch;
    bool found;

    if (!xenstore_watch(vchan->path, &watch, err))
        return false;
    found = wait_for_nodes(vchan, watch, timeout, ref, port, err);
    return xenstore_unwatch(vchan->path, watch, found ? err : NULL) && found;
}

static bool connect_once(struct vchan *vchan, domid_t peer, const char *path, uint64_t timeout,
                         struct error *err)
{
    uint32_t ref = 0, port = 0;

    if (!set_up(vchan, peer, path, err) || !find_nodes(vchan, timeout, &ref, &port, err))
        return false;
    /* The server waits for an event of ours: it sees cli_live then. */
    if (evtchn_bind(peer, port, &vchan->port, err) && map_all(vchan, ref, err) &&
        evtchn_notify(vchan->port, err))
        return true;
    vchan_close(vchan, 0, NULL);
    return false;
}

bool vchan_connect(struct vchan *vchan, domid_t peer, const char *path, uint64_t timeout,
                   struct error *err)
{
    uint64_t began = clock_monotonic_ns(), now = began, failed = 0;
    uint32_t restores = lifecycle_restores();
    struct error wrong;

    while (!connect_once(vchan, peer, path, began + timeout - now, &wrong)) {
        now = clock_monotonic_ns();
        if (failed == 0)
            failed = now;
        if (wrong.code == XEN_ETIME || wrong.code == XEN_ENAMETOOLONG || now - failed >= CLOSING ||
            now - began >= timeout)
            return fail_as(err, &wrong);
        if (!lifecycle_sleep(LOOK_EVERY, err))
            return false;
        /* The server lets another domain read its nodes, the one that we were. */
        if (restores != lifecycle_restores())
            return fail(err, LIFECYCLE_RESTORED, "this domain was saved before it was connected");
    }
    return true;
}

/* ---- Waiting ---- */

/* A restore takes the channel, and a client's mappings, away. */
static bool is_ours(struct vchan *vchan, struct error *err)
{
    struct error restored;

    if (vchan->restores == lifecycle_restores())
        return true;
    fail(&restored, LIFECYCLE_RESTORED, "this domain was saved in mid-stream");
    return end_stream(vchan, &restored, err);
}

/* Whether the other domain is bound to our event channel; a client may be yet to come. */
static bool is_bound(const struct vchan *vchan, struct error *err)
{
    return !vchan->end.met || evtchn_connected(vchan->port) ||
           fail(err, XEN_ESRCH, "it is gone: its end of the event channel is closed");
}

static bool notify(struct vchan *vchan, struct error *err)
{
    struct error wrong;

    vchan->notifications++;
    if (evtchn_notify(vchan->port, &wrong))
        return true;
    /* Xen refuses where the other end has closed: the caller learns from its next look. */
    return !evtchn_connected(vchan->port) || fail_as(err, &wrong);
}

/*
 * Sleeps until the other end may have done something. An event ends it, whatever it is about: the
 * caller looks at the indices again, once for each event.
 */
static bool sleep_once(struct vchan *vchan, uint64_t deadline, struct error *err)
{
    struct error wrong;

    vchan->waits++;
    for (;;) {
        uint64_t slice = clock_monotonic_ns() + SLICE;

        if (lifecycle_wait_event(vchan->port, slice < deadline ? slice : deadline, &wrong)) {
            vchan->heard = true;
            return true;
        }
        if (wrong.code != XEN_ETIME)
            return is_ours(vchan, err) && fail_as(err, &wrong);
        if (!is_bound(vchan, &wrong)) {
            /* Its last event may have come since, and says that there is more to see. */
            if (!evtchn_take(vchan->port))
                return end_stream(vchan, &wrong, err);
            vchan->heard = true;
            return true;
        }
        if (clock_monotonic_ns() >= deadline)
            return fail(err, XEN_ETIME, "domain %u: nothing happened until the deadline",
                        vchan->peer);
        /*
         * Xen's vchan-socket-proxy, as a server, takes the event of a client that comes and that of
         * its first bytes for one, and sleeps before it looks for bytes.
         */
        if (vchan->end.met && !vchan->heard && !notify(vchan, err))
            return false;
    }
}

bool vchan_flush(struct vchan *vchan, struct error *err)
{
    return !vchan_ring_asked(&vchan->end, VCHAN_NOTIFY_READ | VCHAN_NOTIFY_WRITE) ||
           notify(vchan, err);
}

typedef bool look_function(struct vchan_end *end, uint32_t *bytes, struct error *err);

/*
 * Waits until `look` finds `least` bytes; with `closed_too` also at a closed end, which did all
 * that it did before it closed: so the live flag is read first, and counts last.
 */
static bool wait_for(struct vchan *vchan, look_function *look, uint8_t what, bool closed_too,
                     uint32_t least, uint64_t timeout, uint32_t *bytes, struct error *err)
{
    uint64_t deadline = 0; /* who need not sleep reads no clock */
    struct error closed, wrong;
    bool open, asked = false;

    if (vchan->over.code != 0)
        return fail_as(err, &vchan->over);
    for (;;) {
        bool alive;

        if (!is_ours(vchan, err))
            return false;
        alive = vchan_ring_peer(&vchan->end, &open, &closed);
        if (!alive && closed.code != XEN_ENOTCONN)
            return end_stream(vchan, &closed, err);
        if (!look(&vchan->end, bytes, &wrong))
            return end_stream(vchan, &wrong, err);
        if (*bytes >= least && (alive || closed_too))
            return true;
        if (!alive)
            return end_stream(vchan, &closed, err);
        if (!asked) {
            if (!vchan_flush(vchan, err))
                return false;
            vchan_ring_ask(&vchan->end, what);
            asked = true;
            continue;
        }
        if (deadline == 0)
            deadline = clock_monotonic_ns() + timeout;
        if (!sleep_once(vchan, deadline, err))
            return false;
        asked = false;
    }
}

static bool wait_for_space(struct vchan *vchan, uint32_t least, uint64_t timeout, uint32_t *bytes,
                           struct error *err)
{
    return wait_for(vchan, vchan_ring_space, VCHAN_NOTIFY_READ, false, least, timeout, bytes, err);
}

static bool wait_for_data(struct vchan *vchan, uint32_t least, uint64_t timeout, uint32_t *bytes,
                          struct error *err)
{
    return wait_for(vchan, vchan_ring_ready, VCHAN_NOTIFY_WRITE, true, least, timeout, bytes, err);
}

bool vchan_accept(struct vchan *vchan, uint64_t timeout, struct error *err)
{
    uint64_t deadline = clock_monotonic_ns() + timeout;
    struct error wrong = {0};
    bool open;

    for (;;) {
        /* A client that has come and gone left its data. */
        if (!vchan_ring_peer(&vchan->end, &open, &wrong) && wrong.code != XEN_ENOTCONN)
            return end_stream(vchan, &wrong, err);
        if (vchan->end.met || wrong.code == XEN_ENOTCONN)
            return true;
        if (sleep_once(vchan, deadline, &wrong))
            continue;
        return wrong.code == XEN_ETIME
                   ? fail(err, XEN_ETIME, "waited %lu seconds for domain %u to connect",
                          ns_to_seconds_ceil(timeout), vchan->peer)
                   : fail_as(err, &wrong);
    }
}

/* ---- In place ---- */

uint8_t *vchan_reserve(struct vchan *vchan, uint64_t timeout, uint32_t *size, struct error *err)
{
    return wait_for_space(vchan, 1, timeout, size, err) ? vchan_ring_reserve(&vchan->end, size)
                                                        : NULL;
}

const uint8_t *vchan_peek(struct vchan *vchan, uint64_t timeout, uint32_t *size, struct error *err)
{
    return wait_for_data(vchan, 1, timeout, size, err) ? vchan_ring_peek(&vchan->end, size) : NULL;
}

void vchan_commit(struct vchan *vchan, uint32_t size)
{
    vchan_ring_commit(&vchan->end, size);
}

void vchan_consume(struct vchan *vchan, uint32_t size)
{
    vchan_ring_consume(&vchan->end, size);
}

/* ---- By copy ---- */

bool vchan_write(struct vchan *vchan, const void *from, uint32_t size, uint64_t timeout,
                 struct error *err)
{
    uint32_t done = 0, space;

    while (done < size) {
        if (!wait_for_space(vchan, 1, timeout, &space, err))
            return false;
        space = vchan_ring_put(&vchan->end, (const uint8_t *)from + done, size - done);
        vchan_ring_commit(&vchan->end, space);
        done += space;
    }
    return true;
}

bool vchan_read(struct vchan *vchan, void *to, uint32_t size, uint64_t timeout, uint32_t *done,
                struct error *err)
{
    if (!wait_for_data(vchan, size > 0, timeout, done, err))
        return false;
    *done = vchan_ring_get(&vchan->end, to, size);
    vchan_ring_consume(&vchan->end, *done);
    return true;
}

static bool fits(const struct vchan_ring *ring, uint32_t size, struct error *err)
{
    return size <= ring->size ||
           fail(err, XEN_E2BIG, "a packet of %u bytes, expected at most the ring's %u", size,
                ring->size);
}

bool vchan_send(struct vchan *vchan, const void *from, uint32_t size, uint64_t timeout,
                struct error *err)
{
    uint32_t space;

    if (!fits(&vchan->end.out, size, err) || !wait_for_space(vchan, size, timeout, &space, err))
        return false;
    vchan_ring_commit(&vchan->end, vchan_ring_put(&vchan->end, from, size));
    return true;
}

bool vchan_receive(struct vchan *vchan, void *to, uint32_t size, uint64_t timeout,
                   struct error *err)
{
    uint32_t ready;

    if (!fits(&vchan->end.in, size, err) || !wait_for_data(vchan, size, timeout, &ready, err))
        return false;
    vchan_ring_consume(&vchan->end, vchan_ring_get(&vchan->end, to, size));
    return true;
}

bool vchan_drain(struct vchan *vchan, uint64_t timeout, struct error *err)
{
    uint32_t space;

    return wait_for(vchan, vchan_ring_space, VCHAN_NOTIFY_READ, true, vchan->end.out.size, timeout,
                    &space, err);
}

/* ---- The end ---- */

bool vchan_wait_closed(struct vchan *vchan, uint64_t timeout, struct error *err)
{
    uint64_t deadline = clock_monotonic_ns() + timeout;
    struct error wrong;
    bool open;

    for (;;) {
        if (!is_ours(vchan, err))
            return false;
        if (!vchan_ring_peer(&vchan->end, &open, &wrong) || !sleep_once(vchan, deadline, &wrong))
            break;
    }
    return wrong.code == XEN_ENOTCONN || wrong.code == XEN_ESRCH || fail_as(err, &wrong);
}

void vchan_leave(struct vchan *vchan)
{
    struct error left;

    if (!vchan->end.met || (!vchan->published && !vchan->mapped))
        return;
    vchan_ring_close(&vchan->end);
    evtchn_notify(vchan->port, NULL); /* the other end may be gone */
    fail(&left, XEN_ENOTCONN, "this end closed the stream, to be suspended");
    end_stream(vchan, &left, NULL);
}

bool vchan_close(struct vchan *vchan, uint64_t timeout, struct error *err)
{
    struct error wrong = {0};
    bool good = true;

    if (vchan->restores != lifecycle_restores())
        vchan->port = 0; /* may be another channel's by now */
    /* The nodes first: a client that sees the close and comes back shall not find them. */
    if (vchan->published && !xenstore_rm(0, vchan->path, &wrong) && wrong.code != XEN_ENOENT)
        good = fail_as(err, &wrong);
    if (vchan->published || (vchan->mapped && !grant_is_lost(&vchan->head)))
        vchan_ring_close(&vchan->end);
    vchan->published = vchan->mapped = false;
    good = unmap(&vchan->left, good ? err : NULL) && good;
    good = unmap(&vchan->right, good ? err : NULL) && good;
    good = unmap(&vchan->head, good ? err : NULL) && good;
    if (vchan->port != 0) {
        evtchn_notify(vchan->port, NULL); /* the other end may be gone */
        evtchn_close(vchan->port);
        vchan->port = 0;
    }
    return revoke(vchan, timeout, good ? err : NULL) && good;
}
