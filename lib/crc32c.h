/* SPDX-License-Identifier: MIT */
/* CRC-32C (Castagnoli), as in RFC 3720, appendix B.4. Pure: no hardware. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * The CRC of the `size` bytes at `bytes`, behind those whose CRC is `before` (0: there are none).
 */
uint32_t crc32c(uint32_t before, const void *bytes, size_t size);
