/* SPDX-License-Identifier: MIT */
#include "xen/evtchn.h"

#include "arch/x86_64/traps.h"
#include "kernel/console.h"
#include "kernel/panic.h"
#include "lib/bitmap.h"
#include "xen/clock.h"
#include "xen/hypercall.h"
#include "xen/shared_info.h"

#define UPCALL_VECTOR 0x40
#define PORTS         4096 /* of the two-level layout: 64 words of 64 bits */

/* Set by the interrupt, cleared by who waits. */
static volatile uint64_t arrived[BITMAP_WORDS(PORTS)];

/*
 * From the outside in: Xen raises the interrupt for as long as upcall_pending is set, and sets
 * the selector's bit after the port's. Masked ports are not looked at and keep their bit.
 */
static void on_upcall(const struct trap_frame *frame)
{
    volatile struct shared_info *page = shared_info();
    volatile struct vcpu_info *vcpu = &page->vcpu_info[0];

    (void)frame;
    vcpu->evtchn_upcall_pending = 0;

    uint64_t words = __atomic_exchange_n(&vcpu->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);

    for (; words; words &= words - 1) {
        unsigned int word = (unsigned int)__builtin_ctzll(words);
        uint64_t bits = page->evtchn_pending[word] & ~page->evtchn_mask[word];

        __atomic_fetch_and(&page->evtchn_pending[word], ~bits, __ATOMIC_SEQ_CST);
        arrived[word] |= bits;
    }
}

bool evtchn_init(struct error *err)
{
    struct xen_feature_info info = {.submap_idx = 0};
    int64_t result = hypercall_xen_version(XENVER_get_features, &info);

    if (result < 0 || !(info.submap >> XENFEAT_hvm_callback_vector & 1))
        return fail(err, XEN_EINVAL, "this Xen cannot tell of events by an interrupt vector");

    for (unsigned int word = 0; word < BITMAP_WORDS(PORTS); word++)
        shared_info()->evtchn_mask[word] = ~0ull;
    interrupts_register(UPCALL_VECTOR, on_upcall);

    /* This latches the layout of shared_info, too: from long mode, as hypercall_init() did. */
    result = hypercall_hvm_param_set(
        HVM_PARAM_CALLBACK_IRQ, (uint64_t)HVM_PARAM_CALLBACK_TYPE_VECTOR << 56 | UPCALL_VECTOR);
    return result == 0 || fail(err, XEN_EINVAL, "Xen refuses vector 0x%x for events: -%s",
                               UPCALL_VECTOR, xen_errno_name(result));
}

/* Takes the event of `port`, if there is one. */
static bool take(evtchn_port_t port)
{
    bool set = bitmap_test(arrived, port);

    bitmap_clear(arrived, port);
    return set;
}

void evtchn_listen(evtchn_port_t port)
{
    struct evtchn_unmask unmask = {.port = port};

    if (port >= PORTS)
        panic("event channel %u, expected one below %u", port, PORTS);
    hypercall_event_channel_op(EVTCHNOP_unmask, &unmask);
}

bool evtchn_open(domid_t domid, evtchn_port_t *port, struct error *err)
{
    struct evtchn_alloc_unbound open = {.dom = DOMID_SELF, .remote_dom = domid};
    int64_t result = hypercall_event_channel_op(EVTCHNOP_alloc_unbound, &open);

    if (result < 0)
        return fail(err, XEN_EINVAL, "no event channel for domain %u: -%s", domid,
                    xen_errno_name(result));
    *port = open.port;
    evtchn_listen(*port);
    return true;
}

bool evtchn_bind(domid_t domid, evtchn_port_t remote, evtchn_port_t *port, struct error *err)
{
    struct evtchn_bind_interdomain bind = {.remote_dom = domid, .remote_port = remote};
    int64_t result = hypercall_event_channel_op(EVTCHNOP_bind_interdomain, &bind);

    if (result < 0)
        return fail(err, XEN_EINVAL, "cannot bind to event channel %u of domain %u: -%s", remote,
                    domid, xen_errno_name(result));
    *port = bind.local_port;
    evtchn_listen(*port);
    /* Xen sets a new binding pending, for those who would count on events sent before it. */
    interrupts_drain();
    take(*port);
    return true;
}

bool evtchn_notify(evtchn_port_t port, struct error *err)
{
    struct evtchn_send send = {.port = port};
    int64_t result = hypercall_event_channel_op(EVTCHNOP_send, &send);

    return result == 0 || fail(err, XEN_EINVAL, "cannot send on event channel %u: -%s", port,
                               xen_errno_name(result));
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
    take(port);
}

static int64_t poll_until(evtchn_port_t port, uint64_t deadline)
{
    struct sched_poll poll = {.nr_ports = 1, .timeout = deadline};

    set_xen_guest_handle(poll.ports, &port);
    return hypercall_sched_op(SCHEDOP_poll, &poll);
}

bool evtchn_wait(evtchn_port_t port, uint64_t deadline)
{
    /* Also if an event has come: else a caller that goes on waiting as long as some do never ends.
     */
    if (clock_monotonic_ns() >= deadline)
        return false;

    console_flush(false);
    for (;;) {
        /* Poll sees the pending bit even while interrupts are off: an event is never slept over. */
        interrupts_drain();
        if (take(port))
            return true;
        if (clock_monotonic_ns() >= deadline)
            return false;

        int64_t result = poll_until(port, deadline);

        if (result < 0)
            panic("Xen refuses SCHEDOP_poll on event channel %u: -%s", port,
                  xen_errno_name(result));
    }
}

bool evtchn_port_exists(evtchn_port_t port)
{
    return port < PORTS;
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
