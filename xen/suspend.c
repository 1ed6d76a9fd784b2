/* SPDX-License-Identifier: MIT */
#include "xen/suspend.h"

#include "kernel/console.h"
#include "kernel/printk.h"
#include "xen/abi/xen.h"
#include "xen/clock.h"
#include "xen/console.h"
#include "xen/evtchn.h"
#include "xen/grant.h"
#include "xen/hypercall.h"
#include "xen/shared_info.h"
#include "xen/vcpus.h"

/* In this order: each needs those before it. */
static bool make_again(struct xen_info *xen, struct suspension *suspension, struct error *err)
{
    if (!xen_detect(xen, err) || !hypercall_resume(xen, err) || !shared_info_resume(err))
        return false;
    suspension->away_ns = clock_resume();
    if (!evtchn_resume(err))
        return false;
    xen_console_resume();
    return grant_resume(err) && vcpus_resume(true, err);
}

bool suspend(struct xen_info *xen, struct suspension *suspension, struct error *err)
{
    struct sched_shutdown shutdown = {.reason = SHUTDOWN_suspend};
    int64_t result;

    if (!vcpus_suspend(err))
        return false;
    console_flush(true);
    clock_suspend();
    result = hypercall_sched_op(SCHEDOP_shutdown, &shutdown);
    if (result < 0)
        printk_error("Toolstack: cannot suspend: -%s\n", xen_errno_name(result));

    /* The result does not tell: Xen 4.14's toolstack lets a PVH guest go on in place with 0, which
     * else stands for a new domain. */
    suspension->restored = !shared_info_is_mapped();
    if (suspension->restored)
        return make_again(xen, suspension, err);
    suspension->away_ns = clock_resume();
    return vcpus_resume(false, err);
}
