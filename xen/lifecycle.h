/* SPDX-License-Identifier: MIT */
/*
 * What the toolstack asks of a running domain, and the waits of the roles, which all look at that.
 * Interface: ~/control/shutdown and ~/control/feature-* in docs/misc/xenstore-paths.pandoc of Xen's
 * source. The toolstack writes a command there; writing "" acknowledges it.
 *
 *   poweroff, halt   the wait fails with LIFECYCLE_STOP, and the run ends with reason poweroff
 *   reboot           the same, with reason reboot
 *   crash            the wait fails with XEN_EIO: the verdict is FAIL
 *
 * Anything else is said once and left there. Without xenstore, or once its connection is over,
 * nothing is obeyed, and the waits are just waits.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "xen/abi/xen.h"

#define LIFECYCLE_STOP 1001 /* an error's code, which neither Xen nor xenstored can cause */

/*
 * Connects to xenstore, watches control/shutdown and announces what the kernel obeys. Fails as
 * evtchn_init() and xenstore_init(), where nobody can ask for anything: no failure of the run.
 */
bool lifecycle_init(struct error *err);

/*
 * Looks at what the toolstack asks for, and obeys. What takes long without a wait calls this now
 * and then. Fails as above; every later call, and every wait, then fails alike.
 */
bool lifecycle_look(struct error *err);

/* clock_sleep(), evtchn_wait() and xenstore_watch_wait() which look as well, and fail as above. */
bool lifecycle_sleep(uint64_t ns, struct error *err);
bool lifecycle_wait_event(evtchn_port_t port, uint64_t deadline, struct error *err);
bool lifecycle_wait_watch(uint32_t watch, uint64_t deadline, struct error *err);
