/* SPDX-License-Identifier: MIT */
/*
 * A one-shot timer that interrupts: each vCPU has one, and these are that of the one that calls.
 * Interface: VCPUOP_set_singleshot_timer in xen/include/public/vcpu.h, VIRQ_TIMER in xen.h.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"

/*
 * Binds the timer's events, which then arrive as interrupts, also of ring 3. Call it after
 * evtchn_init(), once, and after a restore. On failure: Xen's error.
 */
bool timer_init(struct error *err);

/* Sets the timer, once, to `deadline`, monotonic ns; it may have passed. On failure: Xen's error.
 */
bool timer_set(uint64_t deadline, struct error *err);

/* Stops the timer. An event may be under way already. */
void timer_stop(void);
