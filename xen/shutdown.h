/* SPDX-License-Identifier: MIT */
/* Ending this domain. Interface: SCHEDOP_shutdown in sched.h. */
#pragma once

/* Makes SCHEDOP_shutdown, reason poweroff, reboot or crash, the way stop() ends the machine. */
void shutdown_init(void);
