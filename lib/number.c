/* SPDX-License-Identifier: MIT */
#include "lib/number.h"

bool number_parse(const char *text, uint64_t least, uint64_t most, uint64_t *value)
{
    uint64_t number = 0;

    if (!*text)
        return false;
    for (; *text; text++) {
        unsigned int digit = (unsigned int)(*text - '0');

        if (digit > 9 || number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    if (number < least || number > most)
        return false;
    *value = number;
    return true;
}
