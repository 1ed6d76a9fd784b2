/* SPDX-License-Identifier: MIT */
/*
 * What stands in for what Frama-C does not know, in both proofs. The page is volatile, so each read
 * of it gives any value: a locked step is a read and a write.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define __atomic_load_n(at, order)          (*(at))
#define __atomic_store_n(at, value, order)  ((void)(*(at) = (value)))
#define __atomic_fetch_or(at, bits, order)  exchange((at), *(at) | (bits))
#define __atomic_fetch_and(at, bits, order) exchange((at), *(at) & (bits))

static uint8_t exchange(volatile uint8_t *at, int value)
{
    uint8_t before = *at;

    *at = (uint8_t)value;
    return before;
}

/*@ requires to_is_there: \valid((uint8_t *)to + (0 .. size - 1));
    requires from_is_there: \valid_read((const uint8_t *)from + (0 .. size - 1));
    assigns ((uint8_t *)to)[0 .. size - 1] \from ((const uint8_t *)from)[0 .. size - 1];
    assigns \result \from to; */
void *memcpy(void *restrict to, const void *restrict from, size_t size);

/*@ requires \valid((uint8_t *)to + (0 .. size - 1));
    assigns ((uint8_t *)to)[0 .. size - 1] \from byte;
    assigns \result \from to; */
void *memset(void *to, int byte, size_t size);
