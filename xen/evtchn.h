/* SPDX-License-Identifier: MIT */
/* Event channels. Interface: xen/include/public/event_channel.h and struct shared_info. */
#ifndef XENOLITH_XEN_EVTCHN_H
#define XENOLITH_XEN_EVTCHN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "xen/abi/xen.h"

/*
 * Asks Xen to tell of events by an interrupt with a vector of ours, for which no EOI is needed.
 * False, with the reason, if this Xen cannot. Call once; the rest needs it. Needs
 * shared_info_init().
 */
bool evtchn_init(struct error *err);

/* Opens a channel that domain `domid` may bind to. False, with the reason, if Xen refuses. */
bool evtchn_open(domid_t domid, evtchn_port_t *port, struct error *err);

/*
 * Binds a new *port of ours to the channel that domain `domid` opened for us as `remote`. False,
 * with the reason, if Xen refuses. Events that were sent before are not told of.
 */
bool evtchn_bind(domid_t domid, evtchn_port_t remote, evtchn_port_t *port, struct error *err);

/* Lets events on a port that somebody else opened for us, as the toolstack does, through. */
void evtchn_listen(evtchn_port_t port);

/* Sends an event to the other end. False, with the reason, if there is none. */
bool evtchn_notify(evtchn_port_t port, struct error *err);

/* Whether another domain is bound to our `port`. No longer so once that domain is gone. */
bool evtchn_connected(evtchn_port_t port);

/* Closes the port, which is then free for others. */
void evtchn_close(evtchn_port_t port);

/*
 * Sleeps until an event has come on `port` since the last call that returned true, or the
 * monotonic clock is at `deadline` (ns). Returns whether an event came; several count as one. Once
 * the deadline has passed it returns false at once: an event is then kept for a later call.
 */
bool evtchn_wait(evtchn_port_t port, uint64_t deadline);

/*
 * For a port that nobody listens on, before evtchn_init() too: forgets an event that has come on
 * it, and sleeps until there is one again or Xen's clock is at `deadline` (ns, not 0), or for no
 * reason. Neither reads the clock, prints or panics. Which ports there can be:
 * evtchn_port_exists().
 */
bool evtchn_port_exists(evtchn_port_t port);
void evtchn_forget(evtchn_port_t port);
void evtchn_poll(evtchn_port_t port, uint64_t deadline);

#endif
