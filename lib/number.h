/* SPDX-License-Identifier: MIT */
/* Decimal numbers in text. Pure: no hardware. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Parses a decimal number.
 *   text    digits and nothing else, at least one
 *   least, most   the range it must lie in, both included
 *   value   set to the number
 * False, with *value unchanged, if `text` is anything else.
 */
bool number_parse(const char *text, uint64_t least, uint64_t most, uint64_t *value);

/* The same for 32 bits. */
static inline bool number_parse32(const char *text, uint32_t least, uint32_t most, uint32_t *value)
{
    uint64_t number;

    if (!number_parse(text, least, most, &number))
        return false;
    *value = (uint32_t)number;
    return true;
}
