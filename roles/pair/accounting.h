/* SPDX-License-Identifier: MIT */
/* What the roles writer and reader have in common. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/* What a run may use and must give back, and the hypercalls made so far. */
struct snapshot {
    int64_t ram_pages; /* of this domain, as Xen counts them */
    uint64_t unpopulated_frames;
    uint32_t references; /* granted */
    unsigned int ports;  /* as evtchn_count_open() */
    uint64_t hypercalls;
};

/* Needs grant_init() and evtchn_init(). */
void snapshot_take(struct snapshot *snapshot);

/*
 * Prints what this domain had and has now, and how many hypercalls each of `rounds` took, if that
 * is not 0. XEN_EIO: the two differ.
 */
bool snapshot_check(const struct snapshot *before, uint64_t rounds, struct error *err);

/* Prints `>> <who>: message: "<text>"`, escaping every byte that could forge a log line. */
void message_print(const char *who, const char *message, size_t length);
