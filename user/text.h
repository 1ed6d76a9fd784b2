/* SPDX-License-Identifier: MIT */
/* What programs say when something is not as it should be. */
#pragma once

#include <stdint.h>

/* Prints "WHAT VALUE", the value in hexadecimal. Returns 1, for a count of failures. */
uint64_t complain(const char *what, uint64_t value);
