/* SPDX-License-Identifier: MIT */
/*
 * What the 32-bit callers of assignment_3 share: kernel/tap.h, the verdict, and the divisions that
 * compilers call.
 */
#pragma once

#include <stdbool.h>

/* Each guest has its own: puts `text` where the scenario reads it. */
void print(const char *text);

/* Formats as lib/format.h does, at most 255 bytes, and prints. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints TAP's plan and the verdict line. Returns whether every check passed. */
bool verdict(void);
