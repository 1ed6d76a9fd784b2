/* SPDX-License-Identifier: MIT */
#include "xen/timer.h"

#include <stddef.h>

#include "arch/x86_64/vcpu.h"
#include "xen/clock.h"
#include "xen/evtchn.h"
#include "xen/hypercall.h"

bool timer_init(struct error *err)
{
    struct evtchn_bind_virq bind = {.virq = VIRQ_TIMER, .vcpu = vcpu_self()->id};

    return check_result(err, hypercall_event_channel_op(EVTCHNOP_bind_virq, &bind),
                        "cannot bind the timer's event channel") &&
           evtchn_listen(bind.port, err);
}

bool timer_set(uint64_t deadline, struct error *err)
{
    struct vcpu_set_singleshot_timer set = {.timeout_abs_ns = clock_to_system_time(deadline)};

    return check_result(err, hypercall_vcpu_op(VCPUOP_set_singleshot_timer, vcpu_self()->id, &set),
                        "cannot set the timer");
}

void timer_stop(void)
{
    hypercall_vcpu_op(VCPUOP_stop_singleshot_timer, vcpu_self()->id, NULL);
}
