/* SPDX-License-Identifier: MIT */
#include "xen/vchan_ring.h"

#include "lib/string.h"

#define SMALL_ORDER 10u
#define LARGE_ORDER 11u
#define PAGE_ORDER  12u

static struct vchan_place place_of(uint32_t order, uint32_t first)
{
    struct vchan_place place = {.size = 1u << order, .first = first};

    if (order < PAGE_ORDER)
        place.offset = order == SMALL_ORDER ? 1024 : 2048;
    else
        place.pages = 1u << (order - PAGE_ORDER);
    return place;
}

static bool order_is_good(uint32_t order, const char *name, struct error *err)
{
    return (order >= VCHAN_ORDER_LEAST && order <= VCHAN_ORDER_MOST) ||
           fail(err, XEN_EINVAL, "the %s ring's order is %u, expected %u to %u", name, order,
                VCHAN_ORDER_LEAST, VCHAN_ORDER_MOST);
}

void vchan_ring_orders(const volatile struct vchan_interface *page, uint32_t *left, uint32_t *right)
{
    *left = page->left_order;
    *right = page->right_order;
}

bool vchan_ring_layout(uint32_t left, uint32_t right, struct vchan_layout *layout,
                       struct error *err)
{
    uint32_t list_end;

    if (!order_is_good(left, "left", err) || !order_is_good(right, "right", err))
        return false;
    layout->left = place_of(left, 0);
    layout->right = place_of(right, layout->left.pages);
    if (layout->left.offset != 0 && layout->left.offset == layout->right.offset)
        return fail(err, XEN_EINVAL, "both rings have order %u: only one can be in the page", left);
    list_end = (uint32_t)sizeof(struct vchan_interface) +
               (layout->left.pages + layout->right.pages) * (uint32_t)sizeof(uint32_t);
    if ((layout->left.offset != 0 && layout->left.offset < list_end) ||
        (layout->right.offset != 0 && layout->right.offset < list_end))
        return fail(err, XEN_EINVAL, "orders %u and %u: the list of references runs into the ring",
                    left, right);
    return true;
}

/* ---- Making an end ---- */

static void set_ring(struct vchan_ring *ring, volatile struct ring_shared *shared, void *page,
                     const struct vchan_place *place, void *own, bool writes)
{
    ring->shared = shared;
    ring->size = place->size;
    ring->bytes = place->offset ? (uint8_t *)page + place->offset : own;
    ring->index = 0;
    ring->known = writes ? place->size : 0;
}

static void set_end(struct vchan_end *end, bool server, void *page,
                    const struct vchan_layout *layout, void *left, void *right)
{
    end->page = page;
    end->server = server;
    end->met = !server;
    set_ring(server ? &end->in : &end->out, &end->page->left, page, &layout->left, left, !server);
    set_ring(server ? &end->out : &end->in, &end->page->right, page, &layout->right, right, server);
}

static uint32_t order_of(uint32_t size)
{
    uint32_t order = 0;

    while (size >> order > 1)
        order++;
    return order;
}

void vchan_ring_serve(struct vchan_end *end, void *page, const struct vchan_layout *layout,
                      void *left, void *right)
{
    memset(page, 0, VCHAN_PAGE_SIZE);
    set_end(end, true, page, layout, left, right);
    end->page->left_order = (uint16_t)order_of(layout->left.size);
    end->page->right_order = (uint16_t)order_of(layout->right.size);
    end->page->cli_live = VCHAN_LIVE_NOT_YET;
    end->page->srv_live = VCHAN_LIVE_OPEN;
    end->page->cli_notify = VCHAN_NOTIFY_WRITE; /* so that a client's first bytes wake us */
}

/* A client that comes after another one goes on where that one ended. */
static bool take_over(struct vchan_ring *ring, bool writes, const char *name, struct error *err)
{
    uint32_t prod = ring->shared->prod, cons = ring->shared->cons, filled = prod - cons;

    if (filled > ring->size)
        return fail(err, XEN_EBADMSG,
                    "the %s ring's indices are %u and %u, too far apart for %u bytes", name, cons,
                    prod, ring->size);
    ring->index = writes ? prod : cons;
    ring->known = writes ? ring->size - filled : filled;
    return true;
}

bool vchan_ring_join(struct vchan_end *end, void *page, const struct vchan_layout *layout,
                     void *left, void *right, struct error *err)
{
    bool open;

    set_end(end, false, page, layout, left, right);
    if (!take_over(&end->out, true, "left", err) || !take_over(&end->in, false, "right", err) ||
        !vchan_ring_peer(end, &open, err))
        return false;
    end->page->cli_live = VCHAN_LIVE_OPEN;
    vchan_ring_ask(end, VCHAN_NOTIFY_WRITE);
    return true;
}

bool vchan_ring_peer(struct vchan_end *end, bool *open, struct error *err)
{
    uint8_t live = __atomic_load_n(end->server ? &end->page->cli_live : &end->page->srv_live,
                                   __ATOMIC_ACQUIRE);

    *open = live == VCHAN_LIVE_OPEN;
    if (*open)
        end->met = true;
    if (*open || (live == VCHAN_LIVE_NOT_YET && !end->met))
        return true;
    if (live == VCHAN_LIVE_CLOSED)
        return fail(err, XEN_ENOTCONN, "the other end closed the stream");
    return fail(err, XEN_EBADMSG, "the other end lies: its live flag is %u, expected %s", live,
                end->met ? "0 or 1" : "0, 1 or 2");
}

/* ---- The indices ---- */

/*
 * The other end's index moves from where it was towards the end of what this one left to it.
 *   known    what the index would leave to this end
 *   before   the index as it was believed last
 */
static bool believe(struct vchan_ring *ring, uint32_t known, const char *what, uint32_t index,
                    uint32_t before, struct error *err)
{
    if (known > ring->size || known < ring->known)
        return fail(err, XEN_EBADMSG,
                    "the other end lies: its %s index went from %u to %u, %s the ring of %u bytes",
                    what, before, index, (int32_t)(index - before) < 0 ? "backwards in" : "beyond",
                    ring->size);
    ring->known = known;
    return true;
}

bool vchan_ring_space(struct vchan_end *end, uint32_t *bytes, struct error *err)
{
    struct vchan_ring *ring = &end->out;
    uint32_t cons = __atomic_load_n(&ring->shared->cons, __ATOMIC_ACQUIRE);

    if (!believe(ring, ring->size - (ring->index - cons), "consumer", cons,
                 ring->index - (ring->size - ring->known), err))
        return false;
    *bytes = ring->known;
    return true;
}

bool vchan_ring_ready(struct vchan_end *end, uint32_t *bytes, struct error *err)
{
    struct vchan_ring *ring = &end->in;
    uint32_t prod = __atomic_load_n(&ring->shared->prod, __ATOMIC_ACQUIRE);

    if (!believe(ring, prod - ring->index, "producer", prod, ring->index + ring->known, err))
        return false;
    *bytes = ring->known;
    return true;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* ---- In place ---- */

/* The next bytes, `size` of them, as far as the ring's end. */
static uint8_t *span(const struct vchan_ring *ring, uint32_t *size)
{
    uint32_t at = ring->index % ring->size;

    *size = least(*size, ring->size - at);
    return ring->bytes + at;
}

uint8_t *vchan_ring_reserve(const struct vchan_end *end, uint32_t *size)
{
    *size = end->out.known;
    return span(&end->out, size);
}

const uint8_t *vchan_ring_peek(const struct vchan_end *end, uint32_t *size)
{
    *size = end->in.known;
    return span(&end->in, size);
}

/* Leaves the next bytes to the other end. */
static void move_on(struct vchan_ring *ring, uint32_t size)
{
    size = least(size, ring->known);
    ring->known -= size;
    ring->index += size;
}

void vchan_ring_commit(struct vchan_end *end, uint32_t size)
{
    move_on(&end->out, size);
    __atomic_store_n(&end->out.shared->prod, end->out.index, __ATOMIC_RELEASE);
}

void vchan_ring_consume(struct vchan_end *end, uint32_t size)
{
    move_on(&end->in, size);
    __atomic_store_n(&end->in.shared->cons, end->in.index, __ATOMIC_RELEASE);
}

/* ---- By copy ---- */

uint32_t vchan_ring_put(const struct vchan_end *end, const void *from, uint32_t size)
{
    const struct vchan_ring *ring = &end->out;
    uint32_t all = least(size, ring->known), first = all;
    uint8_t *to = span(ring, &first);

    memcpy(to, from, first);
    memcpy(ring->bytes, (const uint8_t *)from + first, all - first);
    return all;
}

uint32_t vchan_ring_get(const struct vchan_end *end, void *to, uint32_t size)
{
    const struct vchan_ring *ring = &end->in;
    uint32_t all = least(size, ring->known), first = all;
    const uint8_t *from = span(ring, &first);

    memcpy(to, from, first);
    memcpy((uint8_t *)to + first, ring->bytes, all - first);
    return all;
}

/* ---- Events ---- */

/*
 * Both steps are locked, and so full barriers: whoever asks does so before it looks at the indices
 * again; whoever has moved an index does so before it looks whether somebody asked.
 */
void vchan_ring_ask(struct vchan_end *end, uint8_t what)
{
    __atomic_fetch_or(end->server ? &end->page->cli_notify : &end->page->srv_notify, what,
                      __ATOMIC_SEQ_CST);
}

bool vchan_ring_asked(struct vchan_end *end, uint8_t what)
{
    return __atomic_fetch_and(end->server ? &end->page->srv_notify : &end->page->cli_notify,
                              (uint8_t)~what, __ATOMIC_SEQ_CST) &
           what;
}

void vchan_ring_close(struct vchan_end *end)
{
    __atomic_store_n(end->server ? &end->page->srv_live : &end->page->cli_live,
                     (uint8_t)VCHAN_LIVE_CLOSED, __ATOMIC_SEQ_CST);
}
