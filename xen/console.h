/* SPDX-License-Identifier: MIT */
/*
 * Xen's own console, for guests without a UART and a screen: the ring that xenconsoled reads
 * (xen/include/public/io/console.h), or for dom0 the hypercall CONSOLEIO_write.
 */
#ifndef XENOLITH_XEN_CONSOLE_H
#define XENOLITH_XEN_CONSOLE_H

#include <stdbool.h>

/*
 * Finds the ring, or failing that tries the hypercall, and registers the console. Returns false,
 * having registered nothing, if neither is there. A ring that stays full for a second (by the
 * clock, or by count before there is one) is given up for good.
 */
bool xen_console_init(void);

/* Waits, for a second at the most, until the far side has taken everything. */
void xen_console_flush(void);

#endif
