/* SPDX-License-Identifier: MIT */
#include "xen/evtchn.h"

#include "arch/x86_64/apic.h"
#include "arch/x86_64/traps.h"
#include "arch/x86_64/vcpu.h"
#include "kernel/console.h"
#include "lib/bitmap.h"
#include "xen/clock.h"
#include "xen/hvm_param.h"
#include "xen/hypercall.h"
#include "xen/shared_info.h"
#include "xen/version.h"

#define UPCALL_VECTOR 0x40 /* that all vCPUs share: HVM_PARAM_CALLBACK_IRQ */
#define OWN_VECTOR    0x41 /* for those that have one of their own: HVMOP_set_evtchn_upcall_vector */
#define NO_CALLBACK   1 /* an interrupt line that is masked: 0 would tell libxl that we are deaf */
#define PORT_WORDS    BITMAP_WORDS(EVTCHN_PORTS)
#define PORTS_COUNTED 64

static struct {
    bool up, several_vcpus, own_vectors;
    /* Set by the interrupt, on any vCPU, cleared by the wait. After a restore every port is gone:
     * evtchn_resume(). */
    volatile uint64_t arrived[PORT_WORDS];
} state;

/*
 * From the outside in: Xen raises the interrupt for as long as upcall_pending is set, and sets
 * the selector's bit after the port's. Masked ports are skipped and keep their bit.
 */
static void collect(void)
{
    volatile struct shared_info *page = shared_info();
    volatile struct vcpu_info *vcpu = shared_info_vcpu();
    vcpu->evtchn_upcall_pending = 0;

    uint64_t words = __atomic_exchange_n(&vcpu->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);

    for (; words; words &= words - 1) {
        unsigned int word = (unsigned int)__builtin_ctzll(words);
        uint64_t bits = page->evtchn_pending[word] & ~page->evtchn_mask[word];

        __atomic_fetch_and(&page->evtchn_pending[word], ~bits, __ATOMIC_SEQ_CST);
        __atomic_fetch_or(&state.arrived[word], bits, __ATOMIC_SEQ_CST);
    }
}

static void on_upcall(const struct trap_frame *frame)
{
    vcpu_self()->shared_upcalls++;
    collect();
}

/* Comes through the local APIC, once each time that upcall_pending is set. */
static void on_own_upcall(const struct trap_frame *frame)
{
    vcpu_self()->own_upcalls++;
    apic_eoi();
    collect();
}

static bool set_own_vector(unsigned int vcpu, struct error *err)
{
    struct xen_hvm_evtchn_upcall_vector set = {.vcpu = vcpu, .vector = OWN_VECTOR};

    return check_result(err, hypercall_hvm_op(HVMOP_set_evtchn_upcall_vector, &set),
                        "cannot set an upcall vector for vCPU %u", vcpu);
}

/* With every port masked until somebody listens on it. */
static bool ask_for_upcalls(struct error *err)
{
    for (unsigned int word = 0; word < PORT_WORDS; word++)
        shared_info()->evtchn_mask[word] = ~0ull;
    state.own_vectors = state.several_vcpus && apic_is_x2apic() && set_own_vector(0, NULL);
    if (state.own_vectors)
        evtchn_begin();
    /* This latches the layout of shared_info, too: from long mode, as hypercall_init() did. With a
     * vector, Xen would use it on every vCPU, and first; a PVH domain never loses it again. */
    return hvm_param_set(HVM_PARAM_CALLBACK_IRQ,
                         state.own_vectors
                             ? NO_CALLBACK
                             : (uint64_t)HVM_PARAM_CALLBACK_TYPE_VECTOR << 56 | UPCALL_VECTOR,
                         err);
}

void evtchn_expect_vcpus(void)
{
    state.several_vcpus = true;
}

bool evtchn_init(struct error *err)
{
    uint32_t features;

    if (state.up)
        return true;
    if (!version_features(&features, NULL) || !(features >> XENFEAT_hvm_callback_vector & 1))
        return fail(err, XEN_ENOSYS, "this Xen cannot deliver events as an interrupt vector");

    interrupts_register(UPCALL_VECTOR, on_upcall);
    interrupts_register(OWN_VECTOR, on_own_upcall);
    state.up = ask_for_upcalls(err);
    return state.up;
}

bool evtchn_resume(struct error *err)
{
    for (unsigned int word = 0; word < PORT_WORDS; word++)
        state.arrived[word] = 0;
    return !state.up || ask_for_upcalls(err);
}

bool evtchn_has_own_vectors(void)
{
    return state.own_vectors;
}

bool evtchn_add_vcpu(unsigned int vcpu, struct error *err)
{
    return !state.own_vectors || set_own_vector(vcpu, err);
}

void evtchn_begin(void)
{
    if (!state.own_vectors)
        return;
    apic_enable();
    collect(); /* what was pending before raises no interrupt */
}

unsigned int evtchn_count_open(void)
{
    unsigned int count = 0;

    for (evtchn_port_t port = 1; port < PORTS_COUNTED; port++) {
        struct evtchn_status status = {.dom = DOMID_SELF, .port = port};

        if (bitmap_test(shared_info()->evtchn_mask, port))
            continue;
        count += hypercall_event_channel_op(EVTCHNOP_status, &status) == 0 &&
                 status.status != EVTCHNSTAT_closed;
    }
    return count;
}

static bool take_event(evtchn_port_t port)
{
    uint64_t bit = bitmap_mask(port);

    return bitmap_test(state.arrived, port) &&
           __atomic_fetch_and(&state.arrived[port / BITMAP_WORD_BITS], ~bit, __ATOMIC_SEQ_CST) &
               bit;
}

bool evtchn_listen(evtchn_port_t port, struct error *err)
{
    struct evtchn_unmask unmask = {.port = port};

    if (port >= EVTCHN_PORTS)
        return fail(err, XEN_ERANGE, "event channel %u, expected one below %u", port, EVTCHN_PORTS);
    return check_result(err, hypercall_event_channel_op(EVTCHNOP_unmask, &unmask),
                        "cannot unmask event channel %u", port);
}

bool evtchn_open(domid_t domid, evtchn_port_t *port, struct error *err)
{
    struct evtchn_alloc_unbound open = {.dom = DOMID_SELF, .remote_dom = domid};

    if (!check_result(err, hypercall_event_channel_op(EVTCHNOP_alloc_unbound, &open),
                      "cannot open an event channel for domain %u", domid))
        return false;
    *port = open.port;
    if (evtchn_listen(*port, err))
        return true;
    evtchn_close(*port);
    return false;
}

bool evtchn_bind(domid_t domid, evtchn_port_t remote, evtchn_port_t *port, struct error *err)
{
    struct evtchn_bind_interdomain bind = {.remote_dom = domid, .remote_port = remote};

    if (!check_result(err, hypercall_event_channel_op(EVTCHNOP_bind_interdomain, &bind),
                      "cannot bind to event channel %u of domain %u", remote, domid))
        return false;
    *port = bind.local_port;
    if (!evtchn_listen(*port, err)) {
        evtchn_close(*port);
        return false;
    }
    /* Xen sets a new binding pending, for those who would count on events sent before it. */
    interrupts_drain();
    take_event(*port);
    return true;
}

bool evtchn_open_ipi(unsigned int vcpu, evtchn_port_t *port, struct error *err)
{
    struct evtchn_bind_ipi bind = {.vcpu = vcpu};

    if (!check_result(err, hypercall_event_channel_op(EVTCHNOP_bind_ipi, &bind),
                      "cannot open an event channel to vCPU %u", vcpu))
        return false;
    *port = bind.port;
    if (evtchn_listen(*port, err))
        return true;
    evtchn_close(*port);
    return false;
}

bool evtchn_notify(evtchn_port_t port, struct error *err)
{
    struct evtchn_send send = {.port = port};

    return check_result(err, hypercall_event_channel_op(EVTCHNOP_send, &send),
                        "cannot send on event channel %u", port);
}

bool evtchn_connected(evtchn_port_t port)
{
    struct evtchn_status status = {.dom = DOMID_SELF, .port = port};

    return hypercall_event_channel_op(EVTCHNOP_status, &status) == 0 &&
           status.status == EVTCHNSTAT_interdomain;
}

void evtchn_close(evtchn_port_t port)
{
    struct evtchn_close close = {.port = port};

    hypercall_event_channel_op(EVTCHNOP_close, &close);
    if (port < EVTCHN_PORTS)
        take_event(port);
}

static int64_t poll_until(evtchn_port_t port, uint64_t deadline)
{
    struct sched_poll poll = {.nr_ports = 1, .timeout = clock_to_system_time(deadline)};

    set_xen_guest_handle(poll.ports, &port);
    return hypercall_sched_op(SCHEDOP_poll, &poll);
}

bool evtchn_wait(evtchn_port_t port, uint64_t deadline, struct error *err)
{
    /* Before taking an event: a caller that waits again after each one would never end. */
    bool late = clock_monotonic_ns() >= deadline;

    if (!late)
        console_flush(false);
    while (!late) {
        /* Poll sees the pending bit even while interrupts are off: an event is never slept over. */
        interrupts_drain();
        if (take_event(port))
            return true;
        late = clock_monotonic_ns() >= deadline;

        int64_t result = late ? 0 : poll_until(port, deadline);

        if (!check_result(err, result, "cannot wait for event channel %u", port))
            return false;
    }
    return fail(err, XEN_ETIME, "no event came on event channel %u", port);
}

bool evtchn_take(evtchn_port_t port)
{
    interrupts_drain();
    return port < EVTCHN_PORTS && take_event(port);
}

bool evtchn_sleep(evtchn_port_t *ports, unsigned int count, uint64_t deadline, struct error *err)
{
    struct sched_poll poll = {.nr_ports = count, .timeout = clock_to_system_time(deadline)};

    /* What has arrived is pending no longer, so that Xen would not see it. */
    interrupts_drain();
    for (unsigned int i = 0; i < count; i++)
        if (bitmap_test(state.arrived, ports[i]))
            return true;
    set_xen_guest_handle(poll.ports, ports);
    return check_result(err, hypercall_sched_op(SCHEDOP_poll, &poll), "cannot sleep: SCHEDOP_poll");
}

void evtchn_forget(evtchn_port_t port)
{
    __atomic_fetch_and(&shared_info()->evtchn_pending[port / BITMAP_WORD_BITS], ~bitmap_mask(port),
                       __ATOMIC_SEQ_CST);
}

void evtchn_poll(evtchn_port_t port, uint64_t deadline)
{
    poll_until(port, deadline);
}
