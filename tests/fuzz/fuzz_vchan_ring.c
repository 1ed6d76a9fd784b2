/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/fuzz.h"
#include "xen/vchan_ring.h"

#define HEAD      24u /* bytes of the page before the references */
#define COPY_MOST 4096u

/* What our end never writes: the list of references, and what follows rings in the page. */
static void check_rest(const uint8_t *page, const struct vchan_layout *layout, uint8_t filler)
{
    for (uint32_t i = HEAD; i < VCHAN_PAGE_SIZE; i++) {
        bool in_ring = (layout->left.offset && i - layout->left.offset < layout->left.size) ||
                       (layout->right.offset && i - layout->right.offset < layout->right.size);

        must(in_ring || page[i] == filler);
    }
}

/* The first and the last byte of a span: ASan knows what is around the ring. */
static void touch(uint8_t *at, uint32_t size, uint8_t value)
{
    if (size > 0)
        at[0] = at[size - 1] = value;
}

/* In place a step may go far; a copy is at most COPY_MOST bytes, so that runs are quick. */
static void use(struct vchan_end *end, uint8_t step, uint32_t amount)
{
    static uint8_t buffer[COPY_MOST];
    const struct vchan_ring *out = &end->out, *in = &end->in;
    struct error err = {0};
    uint32_t bytes, size;
    const uint8_t *at;
    bool open;

    if (!vchan_ring_peer(end, &open, &err))
        must_be_a_reason(&err);
    if (vchan_ring_space(end, &bytes, &err))
        must(bytes <= out->size && bytes == out->known);
    else
        must_be_a_reason(&err);
    if (vchan_ring_ready(end, &bytes, &err))
        must(bytes <= in->size && bytes == in->known);
    else
        must_be_a_reason(&err);

    switch (step & 3) {
    case 0:
        at = vchan_ring_reserve(end, &size);
        must(at >= out->bytes && size <= out->size - (uint32_t)(at - out->bytes));
        touch((uint8_t *)(uintptr_t)at, size, step);
        vchan_ring_commit(end, amount);
        break;
    case 1:
        at = vchan_ring_peek(end, &size);
        must(at >= in->bytes && size <= in->size - (uint32_t)(at - in->bytes));
        if (size > 0)
            must(at[0] + at[size - 1] <= 510);
        vchan_ring_consume(end, amount);
        break;
    case 2:
        vchan_ring_commit(end, vchan_ring_put(end, buffer, amount % (COPY_MOST + 1)));
        break;
    case 3:
        vchan_ring_consume(end, vchan_ring_get(end, buffer, amount % (COPY_MOST + 1)));
        break;
    }
    must(out->known <= out->size && in->known <= in->size);
    must(*(volatile uint32_t *)&out->shared->prod == out->index || (step & 3) % 2);
    vchan_ring_ask(end, step >> 2 & 3);
    vchan_ring_asked(end, step >> 4 & 3);
}

/*
 * An other end that does anything. The orders; whether we are the server; then steps: what we do,
 * with how much, and what the other end writes where before it. Bit 6 of a step: it behaves, and
 * moves its indices to where ours are.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vchan_layout layout;
    struct vchan_end end;
    struct error err = {0};
    uint8_t *page, *left, *right;
    uint8_t filler;

    if (size < 4 + HEAD)
        return 0;
    if (!vchan_ring_layout(data[0], data[1], &layout, &err)) {
        must_be_a_reason(&err);
        return 0;
    }
    filler = data[3];
    page = malloc(VCHAN_PAGE_SIZE);
    left = layout.left.pages ? malloc(layout.left.size) : NULL;
    right = layout.right.pages ? malloc(layout.right.size) : NULL;
    if (data[2] & 1) {
        vchan_ring_serve(&end, page, &layout, left, right);
        memset(page + HEAD, filler, VCHAN_PAGE_SIZE - HEAD);
    } else {
        memset(page + HEAD, filler, VCHAN_PAGE_SIZE - HEAD);
        memcpy(page, data + 4, HEAD);
        if (!vchan_ring_join(&end, page, &layout, left, right, &err)) {
            must_be_a_reason(&err);
            goto out;
        }
    }

    for (data += 4 + HEAD, size -= 4 + HEAD; size >= 8; data += 8, size -= 8) {
        uint32_t amount, value;

        memcpy(&value, data + 4, sizeof(value));
        amount = data[1] | (uint32_t)data[2] << 8 | (uint32_t)(data[2] & 15) << 16;
        if (data[0] & 0x40) {
            end.out.shared->cons = end.out.index;
            end.in.shared->prod = end.in.index + value % (end.in.size + 1);
        } else if (data[3] & 0x80) {
            page[data[3] % HEAD] = (uint8_t)value;
        } else {
            memcpy(page + data[3] % 6u * 4, &value, sizeof(value));
        }
        use(&end, data[0], amount);
    }
    vchan_ring_close(&end);
    check_rest(page, &layout, filler);
out:
    free(right);
    free(left);
    free(page);
    return 0;
}
