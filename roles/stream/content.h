/* SPDX-License-Identifier: MIT */
/*
 * What goes through a stream: pseudo-random bytes that both ends know from a seed, each from its
 * position alone; and the lengths of packets. Pure: no hardware.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define STREAM_CHUNK_MOST 65536u /* bytes handed over at once */

/* Writes the `size` bytes of the stream from byte `position` on. */
void content_fill(uint32_t seed, uint64_t position, void *to, uint32_t size);

/*
 * Whether the `size` bytes at `bytes`, read once each, are those of the stream from `position` on.
 *   wrong   else set to the position of the first one that is not
 */
bool content_check(uint32_t seed, uint64_t position, const void *bytes, uint32_t size,
                   uint64_t *wrong);

/* The length of packet `number`: 1 to `most` bytes; that of number 0 is `most`, of number 1 is 1.
 */
uint32_t content_packet(uint32_t seed, uint64_t number, uint32_t most);
