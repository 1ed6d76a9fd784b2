/* SPDX-License-Identifier: MIT */
/* Ending the machine. */
#pragma once

#include <stdnoreturn.h>

/* What the outside is told. */
enum stop_reason { STOP_POWEROFF, STOP_REBOOT, STOP_CRASH };

/* A way to end the machine, which returns only if it did not work. */
typedef void (*stop_method)(enum stop_reason reason);

/*
 * Makes `method` what stop() uses, in place of the one before: first that of boot/boot.asm, then
 * Xen's SCHEDOP_shutdown.
 */
void stop_register(stop_method method);

/* From now on stop() only halts, so that a person can look at the screen: the key exit=halt. */
void stop_by_halting(void);

/*
 * For an end that the outside asked for: from now on stop() gives this reason in place of poweroff,
 * and does not only halt.
 */
void stop_as(enum stop_reason reason);

/*
 * Waits until the consoles have delivered everything (console_flush()), then ends the
 * machine by the registered method; halts forever if there is none or it fails.
 */
noreturn void stop(enum stop_reason reason);
