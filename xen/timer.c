/* SPDX-License-Identifier: MIT */
#include "xen/timer.h"

#include <stddef.h>

#include "xen/clock.h"
#include "xen/evtchn.h"
#include "xen/hypercall.h"

#define VCPU 0 /* per vCPU: each has a timer, and a port for its events */

bool timer_init(struct error *err)
{
    struct evtchn_bind_virq bind = {.virq = VIRQ_TIMER, .vcpu = VCPU};

    return check_result(err, hypercall_event_channel_op(EVTCHNOP_bind_virq, &bind),
                        "cannot bind the timer's event channel") &&
           evtchn_listen(bind.port, err);
}

bool timer_set(uint64_t deadline, struct error *err)
{
    struct vcpu_set_singleshot_timer set = {.timeout_abs_ns = clock_to_system_time(deadline)};

    return check_result(err, hypercall_vcpu_op(VCPUOP_set_singleshot_timer, VCPU, &set),
                        "cannot set the timer");
}

void timer_stop(void)
{
    hypercall_vcpu_op(VCPUOP_stop_singleshot_timer, VCPU, NULL);
}
