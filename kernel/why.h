/* SPDX-License-Identifier: MIT */
/* The reason a step failed, in words a user can act on. Pure: no hardware. */
#ifndef XENOLITH_KERNEL_WHY_H
#define XENOLITH_KERNEL_WHY_H

#include <stdbool.h>

#define WHY_SIZE 200

struct why {
    char text[WHY_SIZE];
};

/*
 * Writes the reason into `why` (cut at WHY_SIZE - 1 characters) and returns false, so that a
 * failing step reads `return why_say(why, "tag %u ends %u bytes past the end", type, by);`.
 * The text names the input and what was expected, has no newline and no trailing full stop.
 */
bool why_say(struct why *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
