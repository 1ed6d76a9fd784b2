/* SPDX-License-Identifier: MIT */
#include "user/text.h"

#include "user/user.h"

uint64_t complain(const char *what, uint64_t value)
{
    char line[SYS_WRITE_MAX];
    size_t size = 0;

    while (size < sizeof(line) - 20 && what[size]) {
        line[size] = what[size];
        size++;
    }
    line[size++] = ' ';
    for (int shift = 60; shift >= 0; shift -= 4)
        line[size++] = "0123456789abcdef"[value >> shift & 15];
    line[size++] = '\n';
    sys_write(line, size);
    return 1;
}
