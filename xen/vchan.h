/* SPDX-License-Identifier: MIT */
/*
 * A vchan: a stream, or packets, between us and another domain, both ways, that speaks with Xen's
 * libxenvchan. The server grants the pages and publishes two nodes, <path>/ring-ref and
 * <path>/event-channel; the client maps and binds. What stands in the pages is in
 * xen/vchan_ring.h. Interface: xen/include/public/io/libxenvchan.h.
 *
 * `timeout`, in ns, bounds each wait; a call that need not wait reads no clock. How functions fail:
 *
 *   XEN_ETIME            the timeout has passed
 *   XEN_ENOTCONN         the other end closed the stream, or this one did by vchan_leave()
 *   XEN_ESRCH            the other domain is gone, or closed its event channel without a word
 *   XEN_EBADMSG          the other end lies: the page says what cannot be
 *   LIFECYCLE_RESTORED   this domain was saved, and restored as another one
 *   else                 Xen's own error
 *
 * After any but XEN_ETIME the stream is over: only vchan_close() is of use.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "xen/abi/xen.h"
#include "xen/grant.h"
#include "xen/vchan_ring.h"

#define VCHAN_PATH_SIZE 96 /* bytes of a path, with its NUL */

struct vchan {
    struct vchan_end end;
    domid_t self, peer;
    evtchn_port_t port;
    char path[VCHAN_PATH_SIZE];
    uint64_t notifications, waits; /* events sent; sleeps until one came */
    /* The server's: what is granted. The client's: what is mapped. */
    grant_ref_t head_ref, refs[VCHAN_GRANTS_MOST];
    uint32_t ref_count;
    struct grant_mapping head, left, right;
    bool published, mapped;
    bool heard;        /* the other end has sent an event */
    uint32_t restores; /* of this domain, when it began */
    struct error over; /* why the stream is over; code 0: it is not */
};

/* Where a server keeps its rings: page-aligned RAM that is free until vchan_close() succeeds. */
struct vchan_memory {
    void *page;         /* VCHAN_PAGE_SIZE bytes */
    void *left, *right; /* 2^order bytes for each order of 12 and more */
};

/*
 * Makes a server: grants its pages to domain `peer` and publishes the nodes to it alone. Needs
 * evtchn_init(), xenstore_init() and grant_init(), as vchan_connect() does. The domain `peer` must
 * exist already: xenstored ignores a permission that is older than the domain it names.
 *   self          our domain id
 *   path          of the nodes, absolute or relative to our own /local/domain/<id>
 *   left, right   the orders of the rings from the client and to it
 * XEN_EINVAL: as vchan_ring_layout(); XEN_ENAMETOOLONG: the path; else Xen's or xenstored's error.
 */
bool vchan_serve(struct vchan *vchan, domid_t self, domid_t peer, const char *path, uint32_t left,
                 uint32_t right, const struct vchan_memory *memory, struct error *err);

/* The server: waits until a client has come. */
bool vchan_accept(struct vchan *vchan, uint64_t timeout, struct error *err);

/*
 * Makes a client of the server at `path` in domain `peer`, which it waits for.
 *   path   absolute, or relative to our own /local/domain/<id>
 * XEN_EINVAL: a node holds no number, or the orders in the page are impossible; XEN_EPERM: Xen
 * refused the grant; else as above.
 */
bool vchan_connect(struct vchan *vchan, domid_t peer, const char *path, uint64_t timeout,
                   struct error *err);

/*
 * In place. Wait for at least one byte that can be written, or read, and return where it is.
 *   size   set to how many follow it in memory, at least 1
 * NULL: failed. vchan_commit() and vchan_consume() then hand bytes over, as in xen/vchan_ring.h; an
 * event is sent, if the other end asked for one, when this one next waits or flushes.
 */
uint8_t *vchan_reserve(struct vchan *vchan, uint64_t timeout, uint32_t *size, struct error *err);
const uint8_t *vchan_peek(struct vchan *vchan, uint64_t timeout, uint32_t *size, struct error *err);
void vchan_commit(struct vchan *vchan, uint32_t size);
void vchan_consume(struct vchan *vchan, uint32_t size);

/* Sends the event that the other end waits for, if it does. Before anything else that takes long.
 */
bool vchan_flush(struct vchan *vchan, struct error *err);

/*
 * By copy, as a stream: writes all `size` bytes; reads at least 1 and at most `size`.
 *   done   set to how many were read
 */
bool vchan_write(struct vchan *vchan, const void *from, uint32_t size, uint64_t timeout,
                 struct error *err);
bool vchan_read(struct vchan *vchan, void *to, uint32_t size, uint64_t timeout, uint32_t *done,
                struct error *err);

/*
 * By copy, as packets: writes, or reads, exactly `size` bytes at once, and none if it fails.
 * XEN_E2BIG: the ring is smaller.
 */
bool vchan_send(struct vchan *vchan, const void *from, uint32_t size, uint64_t timeout,
                struct error *err);
bool vchan_receive(struct vchan *vchan, void *to, uint32_t size, uint64_t timeout,
                   struct error *err);

/* Waits until the other end has read all that was written. */
bool vchan_drain(struct vchan *vchan, uint64_t timeout, struct error *err);

/* Waits until the other end has closed, or is gone. What it wrote before can still be read. */
bool vchan_wait_closed(struct vchan *vchan, uint64_t timeout, struct error *err);

/*
 * Says to the other end that this one is closed, and keeps what vchan_close() then gives back. The
 * stream is over. For an end that is about to be suspended: afterwards it could say nothing.
 */
void vchan_leave(struct vchan *vchan);

/*
 * Closes: says so to the other end, takes back what was granted or mapped, removes the nodes. Also
 * after a failure.
 *   timeout   for a server: how long it waits for the client to unmap
 * XEN_EBUSY: the client still has pages mapped, which stay granted; else Xen's or xenstored's
 * error.
 */
bool vchan_close(struct vchan *vchan, uint64_t timeout, struct error *err);
