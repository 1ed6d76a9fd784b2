/* SPDX-License-Identifier: MIT */
/*
 * How a writer and a reader that know nothing but a common name find each other through xenstore.
 * Each writes only below its own data/xenolith/<name>/, but for the reader's claim:
 *
 *   writer's  reader         the offer: "" and writable by all. A reader claims it with its id
 *   reader's  writer         the writer's domain id: only that reader can have written it, so the
 *                            writer believes no claim without it
 *   writer's  ring-ref       the grant reference   } readable by the reader alone, as the offer is
 *             event-channel  the writer's port     } from now on
 *   reader's  ack            how many rounds it has read; readable by the writer alone
 *   writer's  session        a name of this pair's own, readable by the reader alone
 *   both      away           "": the other one writes there that it is about to be suspended
 *
 * After that, events go back and forth: "a page is granted", "it is read and unmapped". At the end
 * the writer removes its nodes; only then does the reader end, and its ack may vanish with it.
 *
 * A domain that is saved and restored has another id, and none of its nodes, ports and grants. The
 * other one then finds the node `away` written, and the other domain gone. Both meet again by the
 * name of the session, which no other domain knows, and go on after the rounds that the reader's
 * ack says it has read.
 *
 * Nobody is authenticated: the first domain that claims as above is the reader, and any domain may
 * offer. Where the peer must be a certain domain, peer= and gref= name it at both ends.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "roles/options.h"
#include "xen/abi/xen.h"
#include "xen/detect.h"
#include "xen/lifecycle.h"

#define RENDEZVOUS_REACH     64 /* domain ids below and above our own in which a reader looks */
#define RENDEZVOUS_NAME_SIZE 52 /* of a session's name, with its NUL */

/* An error's code: the peer was suspended, and is gone from where it was. */
#define RENDEZVOUS_PARTED 1101

struct rendezvous {
    const char *name; /* the one that was given, then `session` */
    char session[RENDEZVOUS_NAME_SIZE];
    uint32_t wait; /* timeout of each wait, in seconds */
    const struct xen_info *xen;
    domid_t self, peer;
    bool writer;
    const char *other; /* what the peer is, for people */
    uint32_t wanted;   /* the only domain that may claim, or OPTIONS_AUTO */
    bool met;          /* the peer can tell us, and we it, when one is suspended */
    uint32_t restores; /* of this domain, when they met */
    uint32_t rounds;   /* that the reader has read, to tell the writer when they meet again */
    struct lifecycle_listener listener;
    evtchn_port_t port;
    grant_ref_t ref; /* the writer's: what it has published; 0 before that */
};

/*
 * All of these fail as xen/xenstore.h, xen/evtchn.h and xen/lifecycle.h say; a wait that runs out
 * with XEN_ETIME, and where the peer is gone with XEN_ESRCH or RENDEZVOUS_PARTED.
 */

/*
 * Connects to xenstore.
 *   offers   we are the writer
 *   other    what the peer is, for people: "reader"
 */
bool rendezvous_init(struct rendezvous *meeting, const struct options *options,
                     const struct xen_info *xen, bool offers, const char *other, struct error *err);

/*
 * The writer: makes an offer and waits for a reader; sets meeting->peer. Bad claims do not end the
 * wait. rendezvous_withdraw() has to follow, also after a failure.
 */
bool rendezvous_offer(struct rendezvous *meeting, struct error *err);

/* The writer: publishes the grant reference, the port and the name of the session. */
bool rendezvous_publish(struct rendezvous *meeting, grant_ref_t ref, struct error *err);

/* The writer, after the last round: XEN_EINVAL unless the reader's ack says `rounds`. */
bool rendezvous_finish(struct rendezvous *meeting, uint64_t rounds, struct error *err);

/* The writer, at the end, also of a failure: withdraws the offer. */
bool rendezvous_withdraw(struct rendezvous *meeting, struct error *err);

/*
 * The reader: claims the offer of a writer, waits until it has published, and binds to its port;
 * sets meeting->peer.
 *   peer   a domain id, or OPTIONS_AUTO: a guest may not list domains, so this tries the ids that
 *          are at most RENDEZVOUS_REACH from our own
 */
bool rendezvous_find(struct rendezvous *meeting, uint32_t peer, struct error *err);

/* The same, but leaves it to the caller to bind to the port. */
bool rendezvous_claim(struct rendezvous *meeting, uint32_t peer, struct error *err);

/*
 * Leaves the peer: removes our own nodes and finds our domain id anew. rendezvous_offer(), or
 * rendezvous_claim(), may follow.
 */
bool rendezvous_part(struct rendezvous *meeting, struct error *err);

/* The reader: sets *ref to the reference of this round. */
bool rendezvous_reference(struct rendezvous *meeting, grant_ref_t *ref, struct error *err);

/* The reader: writes its ack. */
bool rendezvous_send_ack(struct rendezvous *meeting, uint64_t rounds, struct error *err);

/* Sends the peer an event. */
bool rendezvous_notify(struct rendezvous *meeting, struct error *err);

/* Sleeps until the peer sends an event. `what` follows "waited 60 seconds for domain 3 to ". */
bool rendezvous_wait(struct rendezvous *meeting, const char *what, struct error *err);

/* Whether the peer has said that it is about to be suspended, and not that it is back. */
bool rendezvous_peer_is_away(const struct rendezvous *meeting);

/*
 * Whether the peer's nodes are there. XEN_ESRCH: they are gone, as its domain is destroyed or the
 * writer has withdrawn its offer; RENDEZVOUS_PARTED: it was suspended before.
 */
bool rendezvous_peer_alive(struct rendezvous *meeting, struct error *err);

/*
 * After the failure `err` of a round: whether one of the two was suspended meanwhile, so that they
 * can meet again.
 */
bool rendezvous_is_parted(struct rendezvous *meeting, const struct error *err);

/*
 * Meets the peer again, as rendezvous_offer() or rendezvous_find().
 *   peer     as of rendezvous_find(); the writer's is OPTIONS_AUTO
 *   rounds   the reader's: how many it has read. The writer's: set to that
 *   last     the reader has read all: it only claims, and waits for no page
 */
bool rendezvous_rejoin(struct rendezvous *meeting, uint32_t peer, uint64_t *rounds, bool last,
                       struct error *err);

/* The reader, at the end: waits until the writer has withdrawn its offer, or is gone. */
bool rendezvous_wait_withdrawn(struct rendezvous *meeting, struct error *err);
