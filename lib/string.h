/* SPDX-License-Identifier: MIT */
/*
 * The part of C's <string.h> that the kernel uses, with the standard's names and meanings: the
 * compiler itself emits calls to the first four. Pure: no hardware.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *left, const void *right, size_t size);
size_t strlen(const char *text);
size_t strnlen(const char *text, size_t limit);
int strcmp(const char *left, const char *right);
int strncmp(const char *left, const char *right, size_t limit);

/*
 * Copies the text of `length` bytes at `from` into `to` (of `size` bytes, at least 1) with every
 * byte outside printable ASCII, and the backslash, written as \xNN, so that no input can forge a
 * log line. Always terminated; what does not fit is left out and "..." ends the text.
 */
void string_escape(char *to, size_t size, const char *from, size_t length);
