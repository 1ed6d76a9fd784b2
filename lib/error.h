/* SPDX-License-Identifier: MIT */
/*
 * The one way in which the kernel says that something failed. Pure: no hardware.
 *
 * A function that can fail returns bool: true on success. Its last argument is a `struct error *`,
 * which on failure alone is filled with a number to decide by and a text to show; NULL: the caller
 * does not care. It leaves nothing half done. The caller decides what a failure means; in roles/
 * and init/ it ends in the verdict FAIL. Only a broken invariant, a mistake of our own, panics.
 */
#pragma once

#include <stdbool.h>

#include "xen/abi/errno.h"

#define ERROR_SIZE 280 /* bytes of a text, with its NUL */

struct error {
    int code; /* XEN_E*: Xen's own where Xen or xenstored refused; a module's own above 1000 */
    char text[ERROR_SIZE];
};

/*
 * Fills `err`, so that a failing step reads
 * `return fail(err, XEN_EINVAL, "tag %u ends %u bytes past the end", type, by);`.
 *   err     NULL: nothing is filled
 *   code    XEN_E*
 *   format  "cannot X: reason", naming the input and what was expected; no newline, no full stop.
 *           What does not fit is cut. The arguments must not point into *err.
 * Returns false.
 */
bool fail(struct error *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Returns true if `result`, of a hypercall, is 0 or above. Else fails with its error, whose name
 * follows the text: "cannot X: -EINVAL".
 */
bool check_result(struct error *err, int64_t result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Hands on the error `cause`, unless `err` is NULL. Returns false. */
bool fail_as(struct error *err, const struct error *cause);
