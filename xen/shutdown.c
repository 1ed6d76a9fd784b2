/* SPDX-License-Identifier: MIT */
#include "xen/shutdown.h"

#include "kernel/stop.h"
#include "xen/abi/xen.h"
#include "xen/hypercall.h"

static void shut_down(enum stop_reason reason)
{
    static const unsigned int reasons[] = {
        [STOP_POWEROFF] = SHUTDOWN_poweroff,
        [STOP_REBOOT] = SHUTDOWN_reboot,
        [STOP_CRASH] = SHUTDOWN_crash,
    };
    struct sched_shutdown shutdown = {.reason = reasons[reason]};

    hypercall_sched_op(SCHEDOP_shutdown, &shutdown);
}

void shutdown_init(void)
{
    stop_register(shut_down);
}
