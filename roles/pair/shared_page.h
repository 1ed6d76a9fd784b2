/* SPDX-License-Identifier: MIT */
/*
 * What the writer puts into the page that it shares: a header, and the message behind it. Pure: no
 * hardware. Little-endian, as both ends are.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

#define SHARED_PAGE_SIZE    4096u
#define SHARED_PAGE_MAGIC   0x6f6e6558u /* "Xeno" */
#define SHARED_PAGE_VERSION 1u
#define SHARED_PAGE_ROUNDS  1000000u /* at the most */

struct shared_page {
    uint32_t magic;
    uint32_t version;
    uint64_t sequence; /* of this round, from 1 */
    uint64_t count;    /* of all rounds, to SHARED_PAGE_ROUNDS; the same in each */
    uint32_t length;   /* bytes of the message */
    uint32_t crc;      /* CRC-32C of what stands before it and of the message */
    char message[SHARED_PAGE_SIZE - 32];
};

_Static_assert(offsetof(struct shared_page, version) == 4, "version is at 4");
_Static_assert(offsetof(struct shared_page, sequence) == 8, "sequence is at 8");
_Static_assert(offsetof(struct shared_page, count) == 16, "count is at 16");
_Static_assert(offsetof(struct shared_page, length) == 24, "length is at 24");
_Static_assert(offsetof(struct shared_page, crc) == 28, "crc is at 28");
_Static_assert(offsetof(struct shared_page, message) == 32, "the message is at 32");
_Static_assert(sizeof(struct shared_page) == SHARED_PAGE_SIZE, "it fills the page");

/* Fills the page with the `length` bytes at `message`, at most sizeof(page->message). */
void shared_page_fill(struct shared_page *page, uint64_t sequence, uint64_t count,
                      const char *message, uint32_t length);

/*
 * Checks a page that came from another domain: magic, version, length, CRC, count and sequence.
 *   copy   our own: in the page itself the peer could change what was checked already
 * XEN_EINVAL: anything is wrong.
 */
bool shared_page_check(const struct shared_page *copy, struct error *err);
