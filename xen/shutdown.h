/* SPDX-License-Identifier: MIT */
/* Ending this domain. Interface: SCHEDOP_shutdown in sched.h. */
#ifndef XENOLITH_XEN_SHUTDOWN_H
#define XENOLITH_XEN_SHUTDOWN_H

/* Makes SCHEDOP_shutdown, reason poweroff or crash, the way stop() ends the machine. */
void shutdown_init(void);

#endif
