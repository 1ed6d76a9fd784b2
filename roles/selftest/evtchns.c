/* SPDX-License-Identifier: MIT */
/* The self-test of xen/evtchn. */
#include "kernel/tap.h"
#include "lib/units.h"
#include "roles/selftest/checks.h"
#include "xen/clock.h"
#include "xen/evtchn.h"

void check_evtchns(const struct options *options, const struct xen_info *xen)
{
    evtchn_port_t here = 0, there = 0;
    if (!tap_check(evtchn_init(NULL) && evtchn_open(xen->domid, &here, NULL) &&
                       evtchn_bind(xen->domid, here, &there, NULL),
                   "evtchn: a channel to ourselves is bound"))
        return;

    uint64_t until = clock_monotonic_ns() + NS_PER_SECOND / 10;

    tap_check(!evtchn_wait(here, until, NULL) && clock_monotonic_ns() >= until,
              "evtchn: a wait without an event lasts until its deadline");
    tap_check(evtchn_notify(there, NULL) &&
                  evtchn_wait(here, clock_monotonic_ns() + 10 * NS_PER_SECOND, NULL),
              "evtchn: an event arrives");
    tap_check(!evtchn_wait(here, clock_monotonic_ns() + NS_PER_SECOND / 10, NULL),
              "evtchn: an event arrives once");
    tap_check(evtchn_notify(there, NULL) && !evtchn_wait(here, clock_monotonic_ns(), NULL) &&
                  evtchn_wait(here, clock_monotonic_ns() + 10 * NS_PER_SECOND, NULL),
              "evtchn: an event after the deadline is kept for the next wait");
    tap_check(evtchn_connected(here), "evtchn: the channel is connected");
    evtchn_close(there);
    tap_check(!evtchn_connected(here), "evtchn: it is not connected once the other end is closed");
    evtchn_close(here);
}
