/* SPDX-License-Identifier: MIT */
/* Formatted text into a caller's buffer. Pure: no hardware, no state, no allocation. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

/*
 * What we need of C's vsnprintf: conversions d u x p c s %; flags # (of x) and 0; a width in
 * digits; for s, a limit given as .*; lengths l and z of d, u and x. Writes at most `size` bytes
 * including the terminating NUL (none if size is 0) and returns the length the whole text would
 * have had, saturated at INT_MAX. From a conversion outside this list on, the format is copied as
 * it stands: where its argument would end is not known. What belongs to another conversion, as l
 * before s, is ignored. A null %s prints "(null)"; %p prints 0x and hexadecimal digits.
 */
int format_v(char *buffer, size_t size, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

/* The same with the arguments in place. */
int format(char *buffer, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same as format_v(), but returns how many bytes are in the buffer, without the NUL. */
size_t format_cut(char *buffer, size_t size, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));
