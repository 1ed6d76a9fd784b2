/* SPDX-License-Identifier: MIT */
/*
 * For Frama-C's WP: contracts of what moves bytes and indices in xen/vchan_ring.c. From each a ring
 * that is sound stays so, whatever index the other end names, and every byte that is copied lies in
 * the ring, also where it goes around the ring's end.
 */
#include "tests/proofs/stand_ins.h"

#include "xen/vchan_ring.h"

/*@ assigns err->code; ensures \result == \false; */
bool fail(struct error *err, int code, const char *format, ...);

/*@ predicate sound(struct vchan_ring *ring) =
      \valid(ring) && \valid(ring->shared) && 1 <= ring->size <= 0x100000 &&
      \valid(ring->bytes + (0 .. ring->size - 1)) && ring->known <= ring->size; */

/*@ predicate apart(struct vchan_ring *ring, struct vchan_end *end) =
      \separated(end, ring->bytes + (0 .. ring->size - 1), ring->shared); */

/*@ assigns \nothing; ensures \result <= a && \result <= b; */
static uint32_t least(uint32_t a, uint32_t b);

/*@ requires sound(ring); requires \valid(size) && \separated(size, ring);
    assigns *size; assigns \result \from ring->bytes, ring->index, ring->size;
    ensures \result == ring->bytes + ring->index % ring->size;
    ensures *size <= \old(*size) && ring->index % ring->size + *size <= ring->size; */
static uint8_t *span(const struct vchan_ring *ring, uint32_t *size);

/*@ requires sound(&end->out) && \valid(end) && \valid(size) && \separated(size, end);
    assigns *size; assigns \result \from *end;
    ensures \result == end->out.bytes + end->out.index % end->out.size;
    ensures end->out.index % end->out.size + *size <= end->out.size; */
uint8_t *vchan_ring_reserve(const struct vchan_end *end, uint32_t *size);

/*@ requires sound(&end->in) && \valid(end) && \valid(size) && \separated(size, end);
    assigns *size; assigns \result \from *end;
    ensures \result == end->in.bytes + end->in.index % end->in.size;
    ensures end->in.index % end->in.size + *size <= end->in.size; */
const uint8_t *vchan_ring_peek(const struct vchan_end *end, uint32_t *size);

/*@ requires sound(&end->out) && \valid(end) && apart(&end->out, end);
    requires \valid_read((const uint8_t *)from + (0 .. size - 1));
    requires \separated((const uint8_t *)from + (0 .. size - 1), end->out.bytes + (0 ..
   end->out.size - 1)); assigns end->out.bytes[0 .. end->out.size - 1]; ensures \result <= size &&
   \result <= end->out.known; */
uint32_t vchan_ring_put(const struct vchan_end *end, const void *from, uint32_t size);

/*@ requires sound(&end->in) && \valid(end) && apart(&end->in, end);
    requires \valid((uint8_t *)to + (0 .. size - 1));
    requires \separated((uint8_t *)to + (0 .. size - 1), end->in.bytes + (0 .. end->in.size - 1),
   end); assigns ((uint8_t *)to)[0 .. size - 1]; ensures \result <= size && \result <=
   end->in.known; */
uint32_t vchan_ring_get(const struct vchan_end *end, void *to, uint32_t size);

/*@ requires sound(ring) && (err == \null || \valid(err)) && \separated(ring, err);
    assigns ring->known, err->code;
    ensures sound(ring); */
static bool believe(struct vchan_ring *ring, uint32_t known, const char *what, uint32_t index,
                    uint32_t before, struct error *err);

/*@ requires sound(&end->out) && \valid(end) && \valid(bytes) && (err == \null || \valid(err));
    requires \separated(bytes, end, err);
    assigns *bytes, end->out.known, err->code;
    ensures sound(&end->out); ensures \result ==> *bytes <= end->out.size; */
bool vchan_ring_space(struct vchan_end *end, uint32_t *bytes, struct error *err);

/*@ requires sound(&end->in) && \valid(end) && \valid(bytes) && (err == \null || \valid(err));
    requires \separated(bytes, end, err);
    assigns *bytes, end->in.known, err->code;
    ensures sound(&end->in); ensures \result ==> *bytes <= end->in.size; */
bool vchan_ring_ready(struct vchan_end *end, uint32_t *bytes, struct error *err);

/*@ requires sound(ring); assigns ring->known, ring->index; ensures sound(ring); */
static void move_on(struct vchan_ring *ring, uint32_t size);

/*@ requires sound(&end->out) && \valid(end) && apart(&end->out, end);
    assigns end->out.known, end->out.index, end->out.shared->prod;
    ensures sound(&end->out); */
void vchan_ring_commit(struct vchan_end *end, uint32_t size);
/*@ requires sound(&end->in) && \valid(end) && apart(&end->in, end);
    assigns end->in.known, end->in.index, end->in.shared->cons;
    ensures sound(&end->in); */
void vchan_ring_consume(struct vchan_end *end, uint32_t size);

#include "xen/vchan_ring.c"
