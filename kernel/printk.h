/* SPDX-License-Identifier: MIT */
/* Formatted text on the consoles. */
#pragma once

#define PRINTK_MAX 1023 /* bytes of one call's text; what is beyond is replaced by "..." */

/* Writes to the consoles. Formats: lib/format.h. */
void printk(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, as an alarm: red on VGA. */
void printk_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
