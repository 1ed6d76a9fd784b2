/* SPDX-License-Identifier: MIT */
/*
 * How a writer and a reader that know nothing but a common name find each other through xenstore.
 * Each writes only below its own data/xenolith/<name>/, but for the reader's ring:
 *
 *   writer's  reader         "" and writable by all: a doorbell. A reader rings with its domain id
 *   reader's  writer         the writer's domain id: only that reader can have written it, so the
 *                            writer believes no ring without it
 *   writer's  ring-ref       the grant reference   } readable by the reader alone, as the doorbell
 *             event-channel  the writer's port     } is from now on
 *   reader's  ack            how many rounds it has read; readable by the writer alone
 *
 * After that, events go back and forth: "a page is granted", "it is read and unmapped". At the end
 * the writer takes its nodes away, and only then does the reader end, whose ack may go with it.
 *
 * Nobody is authenticated: the first domain that rings as above is the reader, and any domain may
 * offer. A peer that has to be a certain domain is named by peer= at both ends.
 */
#ifndef XENOLITH_ROLES_PAIR_RENDEZVOUS_H
#define XENOLITH_ROLES_PAIR_RENDEZVOUS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "roles/options.h"
#include "xen/abi/xen.h"
#include "xen/detect.h"

struct rendezvous {
    const char *name;
    uint32_t wait; /* seconds that each wait lasts at the most */
    domid_t self, peer;
    bool writer;
    evtchn_port_t port;
};

/* Connects to xenstore, as the writer or the reader of `line`. False, with the reason, if not. */
bool rendezvous_init(struct rendezvous *meeting, const struct options *options,
                     const struct xen_info *xen, struct error *err);

/*
 * The writer: offers to meet and waits for a reader, whose domain id is then meeting->peer. What
 * others do to the doorbell meanwhile does not end the wait. rendezvous_withdraw() has to follow,
 * whatever this returns.
 */
bool rendezvous_offer(struct rendezvous *meeting, struct error *err);

/* The writer: tells the reader of the grant reference; the first time, of the port as well. */
bool rendezvous_publish(struct rendezvous *meeting, grant_ref_t ref, struct error *err);

/* The writer, after the last round: whether the reader's ack says `count`. */
bool rendezvous_finish(struct rendezvous *meeting, uint64_t count, struct error *err);

/* The writer, at the end, also of a failure: takes the offer back. False if xenstore refuses. */
bool rendezvous_withdraw(struct rendezvous *meeting, struct error *err);

/*
 * The reader: looks for an offer of domain `peer`, or, if that is OPTIONS_AUTO, of those whose
 * id is at most RENDEZVOUS_REACH from our own: a guest may not list domains. Rings, and waits until
 * the writer has published; binds to its port.
 */
#define RENDEZVOUS_REACH 64
bool rendezvous_find(struct rendezvous *meeting, uint32_t peer, struct error *err);

/* The reader: the reference of this round. */
bool rendezvous_reference(struct rendezvous *meeting, grant_ref_t *ref, struct error *err);

/* The reader: writes its ack. */
bool rendezvous_send_ack(struct rendezvous *meeting, uint64_t count, struct error *err);

/* Sends the peer an event. */
bool rendezvous_notify(struct rendezvous *meeting, struct error *err);

/*
 * Sleeps until the peer sends an event. `what` it is that we wait for follows "waited 60 seconds
 * for domain 3 to ". False, with the reason, if that does not come or the peer is gone.
 */
bool rendezvous_wait(struct rendezvous *meeting, const char *what, struct error *err);

/*
 * Whether the peer's nodes are there: no longer so once its domain is destroyed, or the writer has
 * taken its offer back. PEER_UNKNOWN, with the reason, if xenstore does not tell.
 */
enum rendezvous_peer { PEER_ALIVE, PEER_GONE, PEER_UNKNOWN };
enum rendezvous_peer rendezvous_peer_alive(struct rendezvous *meeting, struct error *err);

/* The reader, at the end: waits until the writer has taken its offer back, or is gone. */
bool rendezvous_wait_withdrawn(struct rendezvous *meeting, struct error *err);

#endif
