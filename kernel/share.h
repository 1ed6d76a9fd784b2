/* SPDX-License-Identifier: MIT */
/* What the roles writer and reader have in common. */
#ifndef XENOLITH_KERNEL_SHARE_H
#define XENOLITH_KERNEL_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/why.h"

/* What a round may use and must give back; and the hypercalls that it made. */
struct share_tally {
    int64_t ram_pages; /* of this domain, as Xen counts them */
    uint64_t hole_pages;
    uint64_t hypercalls;
};

void share_tally_take(struct share_tally *tally);

/*
 * Prints what `rounds` rounds since `before` took: hypercalls for each, pages before and now.
 * False, with the reason, if there are fewer pages now.
 */
bool share_tally_compare(const struct share_tally *before, uint64_t rounds, struct why *why);

/* Prints `>> <who>: message: "<text>"` with every byte that could forge a log line escaped. */
void share_print_message(const char *who, const char *message, size_t length);

#endif
