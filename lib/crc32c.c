/* SPDX-License-Identifier: MIT */
#include "lib/crc32c.h"

#define POLYNOMIAL_REFLECTED 0x82f63b78u

uint32_t crc32c(uint32_t before, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    uint32_t crc = ~before;

    for (; size > 0; size--) {
        crc ^= *at++;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL_REFLECTED : 0);
    }
    return ~crc;
}
