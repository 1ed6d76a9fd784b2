/* SPDX-License-Identifier: MIT */
/*
 * The PV clock's arithmetic. Pure: no hardware.
 * Interface: struct vcpu_time_info in xen/include/public/xen.h.
 */
#pragma once

#include <stdint.h>

/* For pvclock_ticks_to_ns(): the same, where it is not as simple. */
uint64_t pvclock_ticks_to_ns_slowly(uint64_t delta, uint32_t mul, int8_t shift);

/*
 * Nanoseconds for `delta` TSC ticks: delta shifted by `shift` (left if positive; right, dropping
 * bits, if negative), times `mul`, divided by 2^32 rounding down. Exact for every argument;
 * UINT64_MAX where the exact result does not fit 64 bits.
 */
static inline uint64_t pvclock_ticks_to_ns(uint64_t delta, uint32_t mul, int8_t shift)
{
    /* All that a TSC of 1 GHz or more needs. The result is the product's upper half: no shift. */
    if (shift <= 0 && shift > -64)
        return (uint64_t)((unsigned __int128)(delta >> -shift) * ((uint64_t)mul << 32) >> 64);
    return pvclock_ticks_to_ns_slowly(delta, mul, shift);
}
