/* SPDX-License-Identifier: MIT */
/*
 * What assignment_3 promises, checked. Pure: it is also compiled for a 32-bit guest
 * (tests/guests/hvm32) and for dom0, which is a PV guest (tests/dom0); each brings its own
 * assignment_call() and tap_check(). Interface: xen/hypercall-patch/assignment_3.h.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define CONFORMANCE_PAGE        4096u
#define CONFORMANCE_BUFFER_SIZE ((1u << 20) + 2 * CONFORMANCE_PAGE)
#define CONFORMANCE_DOMID_ANY   0xffffffffu

/* Who calls, and from what memory. */
struct conformance {
    uint8_t *buffer;    /* CONFORMANCE_BUFFER_SIZE bytes that Xen can access, page-aligned */
    void *arguments;    /* a page that Xen can access: for the structures of calls */
    uint64_t unmapped;  /* an address at which nothing is mapped */
    uint64_t end;       /* page-aligned: mapped memory ends here, with 4 KiB for us to write */
    uint64_t read_only; /* the address of 32 readable bytes that cannot be written */
    uint32_t domid;     /* what info must say, or CONFORMANCE_DOMID_ANY */
    bool hvm;           /* what info must say */
};

/* All the checks but the two below. */
void conformance_run(const struct conformance *conformance);

/* `calls` calls with arguments drawn at random from `seed`, bad ones above all. */
void conformance_run_random(const struct conformance *conformance, unsigned int calls,
                            uint32_t seed);

/* `calls` times hello: Xen's log shows how many lines come of it. */
void conformance_run_flood(unsigned int calls);
