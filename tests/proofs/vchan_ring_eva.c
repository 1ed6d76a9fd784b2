/* SPDX-License-Identifier: MIT */
/*
 * For Frama-C's EVA: our end of a vchan, with every pair of orders, as server and as client, does
 * any steps in any order; the page says anything at any time. No alarm: no run-time error in any of
 * it. What vchan_ring_put() and vchan_ring_get() do is proved by vchan_ring_wp.c.
 */
#include "tests/proofs/stand_ins.h"

#include "xen/vchan_ring.c"

#include <__fc_builtin.h>

bool fail(struct error *err, int code, const char *format, ...)
{
    if (err)
        err->code = code;
    return false;
}

#define MOST (1u << VCHAN_ORDER_MOST)
static uint8_t page_bytes[VCHAN_PAGE_SIZE], left_bytes[MOST], right_bytes[MOST];

static uint32_t any(void)
{
    return Frama_C_unsigned_int_interval(0, 0xffffffff);
}

static void any_orders(void)
{
    struct vchan_layout layout;
    struct error err;
    uint32_t left, right;

    vchan_ring_orders((struct vchan_interface *)page_bytes, &left, &right);
    vchan_ring_layout(left, right, &layout, &err);
    vchan_ring_layout(any(), any(), &layout, NULL);
}

/* err NULL: the caller does not care. */
static void any_step(struct vchan_end *end, struct error *err)
{
    uint32_t size = 0;
    uint8_t *at;
    bool open;

    switch (Frama_C_interval(0, 7)) {
    case 0:
        vchan_ring_peer(end, &open, err);
        break;
    case 1:
        vchan_ring_space(end, &size, err);
        break;
    case 2:
        vchan_ring_ready(end, &size, err);
        break;
    case 3:
        at = vchan_ring_reserve(end, &size);
        if (size > 0)
            *at = 1;
        break;
    case 4:
        at = (uint8_t *)vchan_ring_peek(end, &size);
        if (size > 0)
            size = *at;
        break;
    case 5:
        vchan_ring_commit(end, any());
        break;
    case 6:
        vchan_ring_consume(end, any());
        break;
    default:
        vchan_ring_ask(end, (uint8_t)any());
        vchan_ring_asked(end, (uint8_t)any());
    }
}

int main(void)
{
    struct vchan_layout layout;
    struct vchan_end end;
    struct error err;
    uint32_t left = Frama_C_unsigned_int_interval(VCHAN_ORDER_LEAST, VCHAN_ORDER_MOST);
    uint32_t right = Frama_C_unsigned_int_interval(VCHAN_ORDER_LEAST, VCHAN_ORDER_MOST);
    int server = Frama_C_interval(0, 1);

    any_orders();
    //@ split left;
    //@ split right;
    //@ split server;
    if (!vchan_ring_layout(left, right, &layout, &err))
        return 0;
    if (server)
        vchan_ring_serve(&end, page_bytes, &layout, left_bytes, right_bytes);
    else if (!vchan_ring_join(&end, page_bytes, &layout, left_bytes, right_bytes, &err))
        return 0;
    while (Frama_C_interval(0, 1))
        any_step(&end, Frama_C_interval(0, 1) ? &err : NULL);
    vchan_ring_close(&end);
    return 0;
}
