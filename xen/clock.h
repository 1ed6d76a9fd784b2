/* SPDX-License-Identifier: MIT */
/* The PV clock and the wall clock. Interface: struct vcpu_time_info and shared_info in xen.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"

/*
 * Nanoseconds since the host started, not the guest, less the time that this domain was suspended:
 * after a resume, also on another host, it goes on where it stood. Never less than any vCPU has
 * read before: by Xen's promise that readings agree (XEN_PVCLOCK_TSC_STABLE_BIT), and where Xen
 * does not give it, by keeping the largest. Takes no lock. UINT64_MAX once the clock
 * has failed: every deadline has then passed, so that no wait lasts forever. Needs
 * shared_info_init().
 */
uint64_t clock_monotonic_ns(void);

/*
 * Whether the clocks have worked so far. XEN_EIO once one has failed, for good: the clock stood
 * still while the TSC went on for 2^36 ticks, or Xen never finished writing it. Code that ends a
 * wait, or the run, must ask.
 */
bool clock_check(struct error *err);

/* Sets *ns to the monotonic clock; false if it fails now. For consoles, which have another bound.
 */
bool clock_try_ns(uint64_t *ns);

/* A reading as Xen gives it, and whether Xen promises that all readings agree: for tests. */
uint64_t clock_raw_ns(bool *stable);

/*
 * Makes Xen keep a copy of what clock_monotonic_ns() computes from, for programs: see vcpu.h,
 * VCPUOP_register_vcpu_time_memory_area.
 *   copy   where Xen writes it; for good. Anew after a restore, and one for each vCPU.
 * On failure: Xen's error.
 */
struct vcpu_time_info;
bool clock_share(struct vcpu_time_info *copy, struct error *err);

/* Nanoseconds since 1970-01-01 UTC. Read anew each time: the host's clock may have been set. */
uint64_t clock_wall_ns(void);

/* The wall clock, in ns, at which the monotonic clock was zero. */
uint64_t clock_wall_base_ns(void);

/* What Xen's system time is, in ns, when the monotonic clock is at `ns`: for Xen's timeouts. */
uint64_t clock_to_system_time(uint64_t ns);

/*
 * Before and after this domain is suspended; shared_info has to be mapped. The second returns how
 * long it was away, in ns of the wall clock: 0 where that clock has gone back.
 */
void clock_suspend(void);
uint64_t clock_resume(void);

/*
 * Sleeps for `ns` nanoseconds of the monotonic clock in SCHEDOP_poll, which needs no interrupt
 * handler, only that no interrupt is pending (traps_init() sees to it). Xen may wake us early, as
 * often as it likes. Fails with Xen's error, or as clock_check().
 */
bool clock_sleep(uint64_t ns, struct error *err);
