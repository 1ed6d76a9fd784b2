/* SPDX-License-Identifier: MIT */
/* What the roles sender and receiver have in common: one vchan, and what went through it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "roles/options.h"
#include "roles/stream/content.h"
#include "roles/stream/link.h"
#include "xen/detect.h"

/* How far a stream has come. */
struct mark {
    uint64_t done, packets;
    uint32_t crc; /* of the bytes done */
};

struct stream {
    const struct options *options;
    struct link link;
    uint64_t size; /* bytes of the whole stream */
    struct mark at;
    struct mark marks[2]; /* the sender's former ones, the second one the later */
    uint64_t hypercalls;  /* before the first byte */
    uint8_t buffer[STREAM_CHUNK_MOST];
};

/* Sends, or receives, the whole stream once. */
typedef bool stream_function(struct stream *stream, struct error *err);

/*
 * Runs the role: for each round finds the other end, connects, calls `transfer`, prints what it
 * took, and closes.
 *   sends   whether we send, or receive
 * On failure: as xen/vchan.h and roles/pair/rendezvous.h; XEN_EINVAL: options do not go together;
 * XEN_EIO: rounds lost pages.
 */
bool stream_run(const struct options *options, const struct xen_info *xen, bool sends,
                stream_function *transfer, struct error *err);

/* The sender, before it sends: keeps where it is, so that it can go back there. */
void stream_mark(struct stream *stream);

/* How many bytes are to be sent, or received, next: a chunk, or the next packet. */
uint32_t stream_next(const struct stream *stream);

/* Counts bytes that were sent or received, and adds them to the CRC. */
void stream_account(struct stream *stream, const void *bytes, uint32_t size);
