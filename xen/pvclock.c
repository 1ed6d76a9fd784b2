/* SPDX-License-Identifier: MIT */
#include "xen/pvclock.h"

uint64_t pvclock_ticks_to_ns_slowly(uint64_t delta, uint32_t mul, int8_t shift)
{
    unsigned __int128 product;
    int up = shift - 32; /* what is left to shift once left shift and division are taken together */

    if (shift < 0)
        return 0; /* no bit is left */
    product = (unsigned __int128)delta * mul;
    if (up <= 0) {
        product >>= -up;
        return product > UINT64_MAX ? UINT64_MAX : (uint64_t)product;
    }
    if (!product)
        return 0;
    return up >= 64 || product > UINT64_MAX >> up ? UINT64_MAX : (uint64_t)product << up;
}
