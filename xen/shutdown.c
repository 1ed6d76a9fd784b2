/* SPDX-License-Identifier: MIT */
#include "xen/shutdown.h"

#include "kernel/stop.h"
#include "xen/abi/xen.h"
#include "xen/hypercall.h"

static void shut_down(enum stop_reason reason)
{
    struct sched_shutdown shutdown = {.reason = reason == STOP_CRASH ? SHUTDOWN_crash
                                                                     : SHUTDOWN_poweroff};

    hypercall_sched_op(SCHEDOP_shutdown, &shutdown);
}

void shutdown_init(void)
{
    stop_register(shut_down);
}
