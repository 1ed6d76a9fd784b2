/* SPDX-License-Identifier: MIT */
#include "xen/console.h"

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/memlayout.h"
#include "kernel/cmdline.h"
#include "kernel/console.h"
#include "xen/abi.h"
#include "xen/hypercall.h"

/*
 * Each turn of a wait is one SCHEDOP_yield. Counted, not timed: the ring speaks before there is
 * a clock. Xenconsoled empties it in far fewer.
 */
#define YIELDS_MAX 20000

static volatile struct xencons_interface *ring;
static evtchn_port_t port;
static bool gave_up;

/* How many bytes the far side has not taken yet. More than the ring holds means it lies. */
static uint32_t pending(void)
{
    return ring->out_prod - ring->out_cons;
}

static void notify(void)
{
    struct evtchn_send send = {.port = port};

    hypercall_event_channel_op(EVTCHNOP_send, &send);
}

static bool wait_until_pending_below(uint32_t limit)
{
    if (pending() < limit)
        return true;
    notify();
    for (unsigned int i = 0; i < YIELDS_MAX; i++) {
        if (pending() < limit)
            return true;
        hypercall_sched_op(SCHEDOP_yield, NULL);
    }
    return false;
}

static void ring_put(char c)
{
    if (gave_up || !wait_until_pending_below(sizeof(ring->out))) {
        gave_up = true;
        return;
    }
    ring->out[MASK_XENCONS_IDX(ring->out_prod, ring->out)] = c;
    compiler_barrier(); /* the byte before the index; x86 keeps stores in order */
    ring->out_prod++;
}

static void ring_write(const char *text, size_t size, bool alarm)
{
    (void)alarm;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\n')
            ring_put('\r');
        ring_put(text[i]);
    }
    if (!gave_up)
        notify();
}

static void hypercall_write(const char *text, size_t size, bool alarm)
{
    (void)alarm;
    hypercall_console_write(text, size);
}

static bool find_ring(void)
{
    uint64_t gfn, channel;

    if (hypercall_hvm_param(HVM_PARAM_CONSOLE_PFN, &gfn) < 0 ||
        hypercall_hvm_param(HVM_PARAM_CONSOLE_EVTCHN, &channel) < 0)
        return false;
    /* Only what is mapped already; libxl puts the page just below 4 GiB. */
    if (gfn == 0 || channel == 0 || gfn >= IDENTITY_LIMIT / PAGE_SIZE)
        return false;
    ring = (volatile struct xencons_interface *)(gfn * PAGE_SIZE);
    port = (evtchn_port_t)channel;
    return true;
}

bool xen_console_init(void)
{
    static const struct console_sink ring_sink = {CONSOLE_XEN, ring_write};
    static const struct console_sink hypercall_sink = {CONSOLE_XEN, hypercall_write};

    if (find_ring())
        console_register(&ring_sink);
    else if (hypercall_console_write("", 0) == 0)
        console_register(&hypercall_sink);
    else
        return false;
    return true;
}

void xen_console_flush(void)
{
    if (ring && !gave_up)
        wait_until_pending_below(1);
}
