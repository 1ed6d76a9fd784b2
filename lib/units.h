/* SPDX-License-Identifier: MIT */
/* Units of time. Pure: no hardware. */
#pragma once

#include <stdint.h>

#define NS_PER_SECOND 1000000000ull
#define NS_PER_MS     1000000ull

/* Seconds for `ns` nanoseconds, rounded up. */
static inline uint64_t ns_to_seconds_ceil(uint64_t ns)
{
    return ns / NS_PER_SECOND + (ns % NS_PER_SECOND != 0);
}
