/* SPDX-License-Identifier: MIT */
/*
 * Xen's own console, for guests without a UART and a screen: the ring that xenconsoled reads
 * (xen/include/public/io/console.h), or for dom0 the hypercall CONSOLEIO_write.
 */
#pragma once

#include <stdbool.h>

#include "lib/error.h"

/*
 * Finds the ring, or failing that tries the hypercall, and registers the console. Needs
 * shared_info_init(). XEN_ENODEV: neither is there.
 *
 * Writing to a full ring waits, asleep, for at most 30 seconds by the clock (where the clock
 * fails, 2^37 TSC ticks); a flush that waits does the same until the ring is empty. After a wait
 * that ran out, and while the far side says that it is not connected, nothing waits: what finds no
 * room is counted, and reported in a line where it would have stood as soon as there is room again;
 * at the end of the run, on port 0xe9.
 */
bool xen_console_init(struct error *err);

/* After a restore: finds the new ring. What the far side had not taken from the old one is lost. */
void xen_console_resume(void);
