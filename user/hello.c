/* SPDX-License-Identifier: MIT */
#include "user/user.h"

/* The exit code is the number of bytes that were printed. */
uint64_t hello(uint64_t argument)
{
    static const char text[] = "Hello from ring 3, in C!\n";

    return (uint64_t)sys_write(text, sizeof(text) - 1);
}
