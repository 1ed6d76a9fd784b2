/* SPDX-License-Identifier: MIT */
/*
 * The rings of a vchan, a stream between two domains: what stands in the shared page and what each
 * end does with it. Interface: xen/include/public/io/libxenvchan.h, and libxenvchan's own reading
 * of it (tools/libs/vchan in Xen's source). Pure: no hardware, no waiting.
 *
 * Trusts nothing that the page says. Each end keeps its own index, and the last one of the other
 * end that it believed, outside of the page; sizes come from the orders, which are read once.
 * Whatever the other end writes, and whenever it does, no byte outside of the rings is touched.
 *
 * How an end waits without losing a wake-up: it asks (vchan_ring_ask), looks again, and only then
 * sleeps. The other end moves its index first and then looks whether somebody asked
 * (vchan_ring_asked). tests/models/vchan.pml is the model of this.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"

#define VCHAN_PAGE_SIZE   4096u
#define VCHAN_ORDER_LEAST 10u  /* a ring has 2^order bytes */
#define VCHAN_ORDER_MOST  20u  /* libxenvchan's own limit: two lists of 256 references fit */
#define VCHAN_GRANTS_MOST 512u /* of both rings */

/* What stands in the shared page, as libxenvchan.h has it; that header needs a C library. */
struct ring_shared {
    uint32_t cons, prod;
};

#define VCHAN_NOTIFY_WRITE 0x1u /* tell me when data is written */
#define VCHAN_NOTIFY_READ  0x2u /* tell me when data is consumed */

enum { VCHAN_LIVE_CLOSED, VCHAN_LIVE_OPEN, VCHAN_LIVE_NOT_YET };

struct vchan_interface {
    struct ring_shared left, right; /* left: from the client to the server */
    uint16_t left_order, right_order;
    uint8_t cli_live, srv_live;     /* VCHAN_LIVE_* */
    uint8_t cli_notify, srv_notify; /* what each end asks the other for */
    uint32_t grants[];              /* of the left ring's pages, then of the right one's */
};

/* Where a ring is. */
struct vchan_place {
    uint32_t size;   /* bytes */
    uint32_t offset; /* in the shared page; 0 if it has pages of its own */
    uint32_t pages;  /* of its own */
    uint32_t first;  /* index of the first one's reference in `grants` */
};

struct vchan_layout {
    struct vchan_place left, right;
};

/* Reads the orders from the page: once, as the other end may change them. */
void vchan_ring_orders(const volatile struct vchan_interface *page, uint32_t *left,
                       uint32_t *right);

/*
 * Says where rings of these orders are. Order 10 is in the page at 1024, 11 at 2048; others have
 * pages of their own.
 * XEN_EINVAL: an order is not from 10 to 20, both rings are at the same place in the page, or the
 * list of references runs into a ring in the page.
 */
bool vchan_ring_layout(uint32_t left, uint32_t right, struct vchan_layout *layout,
                       struct error *err);

/* A ring as one end sees it. */
struct vchan_ring {
    volatile struct ring_shared *shared;
    uint8_t *bytes;
    uint32_t size;  /* a power of two */
    uint32_t index; /* this end's, which only it moves */
    uint32_t
        known; /* how many bytes from there on the other end has left to this one, at most size */
};

/* One end of a vchan. */
struct vchan_end {
    volatile struct vchan_interface *page;
    bool server, met; /* the other end has been seen open */
    struct vchan_ring out, in;
};

/*
 * Makes the server's end: fills the page, but for the references. Call it before anybody else may
 * see the page.
 *   page          VCHAN_PAGE_SIZE bytes
 *   left, right   the memory of the rings with pages of their own; else not used
 */
void vchan_ring_serve(struct vchan_end *end, void *page, const struct vchan_layout *layout,
                      void *left, void *right);

/*
 * Makes the client's end of a page that a server filled, and says in the page that it is open.
 * The arguments are those of vchan_ring_serve(); the layout is that of the page's orders.
 * XEN_EBADMSG: the page's indices are impossible. XEN_ENOTCONN: the server has closed.
 */
bool vchan_ring_join(struct vchan_end *end, void *page, const struct vchan_layout *layout,
                     void *left, void *right, struct error *err);

/*
 * Whether the other end is there. Ask before vchan_ring_ready(), as an end writes first and closes
 * then.
 *   open   set to false if a client has not come yet
 * XEN_ENOTCONN: it has closed. XEN_EBADMSG: its flag has a value that it cannot have.
 */
bool vchan_ring_peer(struct vchan_end *end, bool *open, struct error *err);

/*
 * Set *bytes to how many bytes can be written, or read, now.
 * XEN_EBADMSG: the other end's index is beyond the ring, or has moved backwards.
 */
bool vchan_ring_space(struct vchan_end *end, uint32_t *bytes, struct error *err);
bool vchan_ring_ready(struct vchan_end *end, uint32_t *bytes, struct error *err);

/*
 * In place: the bytes of the ring that are next, as far as they follow one another in memory, of
 * those that vchan_ring_space(), or vchan_ring_ready(), found last. The other end may change bytes
 * that are to be read at any time: copy, or use each byte once.
 *   size   set to their number; 0 if there are none
 */
uint8_t *vchan_ring_reserve(const struct vchan_end *end, uint32_t *size);
const uint8_t *vchan_ring_peek(const struct vchan_end *end, uint32_t *size);

/*
 * Hand over the next `size` bytes: written ones to the other end, read ones to be written again.
 * vchan_ring_asked() has to follow before this end sleeps or turns to something else.
 *   size   at most what vchan_ring_space(), or vchan_ring_ready(), found last; more is cut to that
 */
void vchan_ring_commit(struct vchan_end *end, uint32_t size);
void vchan_ring_consume(struct vchan_end *end, uint32_t size);

/*
 * By copy: write `size` bytes, or read them, without handing them over.
 *   size   as vchan_ring_commit()
 * Returns how many were copied.
 */
uint32_t vchan_ring_put(const struct vchan_end *end, const void *from, uint32_t size);
uint32_t vchan_ring_get(const struct vchan_end *end, void *to, uint32_t size);

/* Asks the other end for an event once it has done `what`, VCHAN_NOTIFY_*. Look again after it. */
void vchan_ring_ask(struct vchan_end *end, uint8_t what);

/*
 * Whether the other end asked for an event when this one has done `what`, one or both of
 * VCHAN_NOTIFY_*. If so it has to be sent: the question is gone.
 */
bool vchan_ring_asked(struct vchan_end *end, uint8_t what);

/* Says in the page that this end is closed. An event has to follow. */
void vchan_ring_close(struct vchan_end *end);
