/* SPDX-License-Identifier: MIT */
/* Event channels. Interface: xen/include/public/event_channel.h and struct shared_info. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "xen/abi/xen.h"

/*
 * Asks Xen to deliver events as an interrupt on our vector, which needs no EOI. What follows needs
 * it; it needs shared_info_init(). A second call does nothing. XEN_ENOSYS: this Xen cannot; else
 * Xen's error.
 */
bool evtchn_init(struct error *err);

/* After a restore: the same again. Every port is gone, and with it what has arrived. */
bool evtchn_resume(struct error *err);

/*
 * Before evtchn_init(): there are several vCPUs. Each then gets an interrupt vector of its own for
 * events, through its local APIC, if this CPU has an x2APIC and Xen does not refuse
 * (HVMOP_set_evtchn_upcall_vector); else all share the vector of HVM_PARAM_CALLBACK_IRQ.
 */
void evtchn_expect_vcpus(void);
bool evtchn_has_own_vectors(void);

/* Before vCPU `vcpu` starts: gives it its own vector, where they have such. On failure: Xen's
 * error. */
bool evtchn_add_vcpu(unsigned int vcpu, struct error *err);

/* On another vCPU, before it waits for events. */
void evtchn_begin(void);

/*
 * How many of the first 64 ports are open and listened on: for those who count what a restore
 * loses. Xen's own ports, a device model's, are not: EVTCHNOP_status shows them only from 4.20 on.
 */
unsigned int evtchn_count_open(void);

/* Opens a channel that domain `domid` may bind to; sets *port. On failure: Xen's error. */
bool evtchn_open(domid_t domid, evtchn_port_t *port, struct error *err);

/*
 * Binds to a channel that another domain opened for us. Events sent before are not reported.
 *   remote   its port, in domain `domid`
 *   port     set to ours
 * On failure: Xen's error.
 */
bool evtchn_bind(domid_t domid, evtchn_port_t remote, evtchn_port_t *port, struct error *err);

/*
 * Opens a channel from all our vCPUs to vCPU `vcpu`, which gets the interrupt; sets *port. On
 * failure: Xen's error.
 */
bool evtchn_open_ipi(unsigned int vcpu, evtchn_port_t *port, struct error *err);

/* Unmasks a port opened for us, e.g. by the toolstack. On failure: Xen's error. */
bool evtchn_listen(evtchn_port_t port, struct error *err);

/* Sends an event to the other end. On failure: Xen's error, for example when there is no such end.
 */
bool evtchn_notify(evtchn_port_t port, struct error *err);

/* Whether another domain is bound to our port; no longer once that domain is gone. */
bool evtchn_connected(evtchn_port_t port);

/* Closes the port; Xen may hand it out again. */
void evtchn_close(evtchn_port_t port);

/*
 * Sleeps until an event has come on `port` since the last success; several count as one. For the
 * boot vCPU, as it flushes the consoles.
 *   deadline   monotonic ns. Once it has passed the wait fails at once, and an event is kept.
 * XEN_ETIME at the deadline; else Xen's error.
 */
bool evtchn_wait(evtchn_port_t port, uint64_t deadline, struct error *err);

/*
 * The two halves of a wait for several ports: whether an event has come on `port` since this was
 * last true, and a sleep.
 *   ports, count   0 to 128; the sleep ends at once if there is one on any of them
 *   deadline       monotonic ns; Xen may end the sleep earlier
 * On failure: Xen's error.
 */
bool evtchn_take(evtchn_port_t port);
bool evtchn_sleep(evtchn_port_t *ports, unsigned int count, uint64_t deadline, struct error *err);

/*
 * For a port below EVTCHN_PORTS that nobody listens on, also before evtchn_init(): forgets an event
 * that has come on it; and sleeps until there is one again, until `deadline` (monotonic ns), or for
 * no reason. Neither reads the clock or prints.
 */
void evtchn_forget(evtchn_port_t port);
void evtchn_poll(evtchn_port_t port, uint64_t deadline);
