/* SPDX-License-Identifier: MIT */
/*
 * How a guest comes to a vchan: as its server or its client, with another guest that has the same
 * name=, found as a pair is, or at the xenstore path that node= names, with any program.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "roles/options.h"
#include "roles/pair/rendezvous.h"
#include "xen/detect.h"
#include "xen/lifecycle.h"
#include "xen/vchan.h"

/* Bytes of RAM, at FREE_RAM_BASE, that a server uses: the page and the largest ring. */
#define LINK_RAM_SIZE (VCHAN_PAGE_SIZE + (1u << VCHAN_ORDER_MOST))

struct link {
    /* Set by the caller. */
    const struct options *options;
    const char *who; /* "Sender", for people */
    bool serves;
    bool sends; /* most bytes go from us */
    bool quiet; /* prints nothing when it opens; may change at any time */
    /* Set by link_init(). */
    uint32_t ring;    /* a server's order of the ring that most bytes go through; may change */
    uint64_t timeout; /* of each wait, ns */
    struct rendezvous meeting;
    struct lifecycle_listener listener; /* with node= */
    /* Set by link_open(). */
    domid_t peer;
    char path[VCHAN_PATH_SIZE];
    struct vchan vchan;
};

/*
 * Prepares a link. Once in a run.
 * XEN_EINVAL: options do not go together; else as grant_init() and rendezvous_init().
 */
bool link_init(struct link *link, const struct xen_info *xen, struct error *err);

/* Whether node= names the server's node; the other end may then be any program. */
bool link_is_known(const struct link *link);

/*
 * Finds the other end, at the first call, and connects.
 * XEN_ENOMEM: a server's domain has no RAM for the ring; else as xen/vchan.h and
 * roles/pair/rendezvous.h.
 */
bool link_open(struct link *link, struct error *err);

/*
 * Closes.
 *   before   NULL, or a failure that is handed on, as RENDEZVOUS_PARTED if the other end was
 *            suspended; it then waits for a short time only
 *   again    link_open() follows: a client waits until the server has closed
 * On failure: as vchan_close().
 */
bool link_close(struct link *link, const struct error *before, bool again, struct error *err);

/*
 * Waits until the other end has closed, or is gone. Also ends well if this domain is restored
 * meanwhile: whatever it did before, the other end sees.
 * RENDEZVOUS_PARTED: the other end was suspended before it closed; XEN_ETIME.
 */
bool link_wait_closed(struct link *link, struct error *err);

/* Whether the failure `err` means that one end has left, and may come back. */
bool link_has_parted(const struct error *err);

/*
 * After such a failure and link_close(): link_open() may follow, and finds the other end anew,
 * where it is by then. Fails as xenstored does.
 */
bool link_part(struct link *link, struct error *err);
