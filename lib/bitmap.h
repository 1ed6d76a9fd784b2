/* SPDX-License-Identifier: MIT */
/* Sets of small numbers, a bit each. Pure: no hardware. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define BITMAP_WORD_BITS   64u
#define BITMAP_WORDS(bits) (((bits) + BITMAP_WORD_BITS - 1) / BITMAP_WORD_BITS)

static inline uint64_t bitmap_mask(uint64_t bit)
{
    return 1ull << bit % BITMAP_WORD_BITS;
}

static inline bool bitmap_test(const volatile uint64_t *map, uint64_t bit)
{
    return map[bit / BITMAP_WORD_BITS] & bitmap_mask(bit);
}

static inline void bitmap_set(volatile uint64_t *map, uint64_t bit)
{
    map[bit / BITMAP_WORD_BITS] |= bitmap_mask(bit);
}

static inline void bitmap_clear(volatile uint64_t *map, uint64_t bit)
{
    map[bit / BITMAP_WORD_BITS] &= ~bitmap_mask(bit);
}
