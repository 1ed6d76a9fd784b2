/* SPDX-License-Identifier: MIT */
/*
 * What the toolstack asks of a running domain, and the waits of the roles, which all look at that.
 * Interface: ~/control/shutdown and ~/control/feature-* in docs/misc/xenstore-paths.pandoc of Xen's
 * source. The toolstack writes a command there; writing "" acknowledges it.
 *
 *   poweroff, halt   the wait fails with LIFECYCLE_STOP, and the run ends with reason poweroff
 *   reboot           the same, with reason reboot
 *   crash            the wait fails with XEN_EIO: the verdict is FAIL
 *   suspend          the domain is suspended; when it goes on, so does the wait. In a new domain
 *                    each event channel and each node below our own path is gone: a wait for one
 *                    of them fails with LIFECYCLE_RESTORED. Watches are set again. The monotonic
 *                    clock stands still meanwhile, and with it deadlines.
 *
 * Anything else is logged once and left there. Without xenstore, or once its connection is over,
 * nothing is obeyed, and the waits are just waits.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "xen/abi/xen.h"
#include "xen/detect.h"

/* Codes of errors that neither Xen nor xenstored can cause. */
#define LIFECYCLE_STOP     1001
#define LIFECYCLE_RESTORED 1002

/*
 * Connects to xenstore, watches control/shutdown and announces what the kernel obeys. Fails as
 * evtchn_init() and xenstore_init(), where nobody can ask for anything: no failure of the run.
 *   xen   kept; changed by each restore
 */
bool lifecycle_init(struct xen_info *xen, struct error *err);

/*
 * Tells who shares something with another domain that this one is about to be suspended, and that
 * it then went on in place. Both may use xenstore, and must not wait.
 */
struct lifecycle_listener {
    void (*leave)(void *context);
    void (*stay)(void *context);
    void *context;
};

/* From now on `listener` is told; it must live for as long. NULL: nobody is. */
void lifecycle_listen(const struct lifecycle_listener *listener);

/* How often this domain was suspended so far, and was restored after that into a new domain. */
uint32_t lifecycle_suspends(void);
uint32_t lifecycle_restores(void);

/*
 * Looks at what the toolstack asks for, and obeys. What takes long without a wait calls this now
 * and then. Fails as above; every later call, and every wait, then fails alike. Fails as suspend()
 * if it could not go on.
 */
bool lifecycle_look(struct error *err);

/* clock_sleep(), evtchn_wait() and xenstore_watch_wait() which look as well, and fail as above. */
bool lifecycle_sleep(uint64_t ns, struct error *err);
bool lifecycle_wait_event(evtchn_port_t port, uint64_t deadline, struct error *err);
bool lifecycle_wait_watch(uint32_t watch, uint64_t deadline, struct error *err);
