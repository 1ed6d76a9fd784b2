/* SPDX-License-Identifier: MIT */
/* The PV clock and the wall clock. Interface: struct vcpu_time_info and shared_info in xen.h. */
#ifndef XENOLITH_XEN_TIME_H
#define XENOLITH_XEN_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/why.h"

/*
 * Nanoseconds since the host started, not the guest. Never goes backwards. Panics if Xen keeps
 * the clock's version odd. Needs shared_info_init().
 */
uint64_t clock_monotonic_ns(void);

/* Nanoseconds since 1970-01-01 UTC. Read anew each time: the host's clock may have been set. */
uint64_t clock_wall_ns(void);

/* The wall clock, in nanoseconds, at which the monotonic clock was zero. */
uint64_t clock_epoch_ns(void);

/*
 * Sleeps for `ns` nanoseconds of the monotonic clock in SCHEDOP_poll, which needs no interrupt
 * handler, only that no interrupt is pending (traps_init() sees to it). False, with the reason, if
 * Xen refuses or wakes us too early again and again.
 */
bool clock_sleep(uint64_t ns, struct why *why);

#endif
