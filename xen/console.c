/* SPDX-License-Identifier: MIT */
#include "xen/console.h"

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/memlayout.h"
#include "kernel/console.h"
#include "lib/format.h"
#include "lib/units.h"
#include "xen/abi/xen.h"
#include "xen/clock.h"
#include "xen/evtchn.h"
#include "xen/hypercall.h"

#define WAIT_NS    (30 * NS_PER_SECOND)
#define WAIT_TICKS (1ull << 37) /* of the TSC, where the clock fails: 27 s at 5 GHz */
#define SLICE_NS   (NS_PER_SECOND / 5)

#define LOST_SIZE 80

/*
 * Why no byte stays behind unnoticed. The far side (xenconsoled, tools/console/daemon/io.c) looks
 * at the ring when an event comes: it reads out_prod, copies, writes out_cons and sends us an
 * event. Of what we add after it has read out_prod it knows nothing. So an event has to follow the
 * last byte, and `announced` is how far events have told it. A write sends one only if the far side
 * has taken all that was announced; if not, an earlier event is still to be answered and most
 * likely the answer takes these bytes as well. That is one event for a burst: after 30 in 200 ms
 * xenconsoled looks away until the 200 ms are over. What is left unannounced is told by
 * ring_flush(), before the kernel sleeps, waits for an event or for room, and ends.
 */
static volatile struct xencons_interface *ring;
static evtchn_port_t port;
static uint32_t prod; /* what we put into out_prod: the far side's copy is not believed */
static uint32_t announced;

/* A wait that ran out is not repeated until the far side has moved. */
static bool ran_out;
static uint32_t ran_out_at;

static uint64_t lost; /* bytes, since the last time that this was said */

/* How many bytes the far side has not taken yet. More than the ring holds means it lies. */
static uint32_t pending(void)
{
    return prod - ring->out_cons;
}

static void notify(void)
{
    struct evtchn_send send = {.port = port};

    announced = prod;
    hypercall_event_channel_op(EVTCHNOP_send, &send);
}

static bool is_waste_of_time(void)
{
    const volatile struct xencons_interface_4_21 *newer = (volatile void *)ring;

    return newer->connection == XENCONSOLE_DISCONNECTED ||
           (ran_out && ring->out_cons == ran_out_at);
}

static bool is_over(uint64_t start, uint64_t start_tsc, uint64_t *now)
{
    return clock_try_ns(now) ? *now - start >= WAIT_NS
                             : tsc_read_ordered() - start_tsc >= WAIT_TICKS;
}

static bool wait_until_pending_below(uint32_t limit)
{
    uint64_t start_tsc, start = 0, now = 0;

    if (pending() < limit)
        return true;
    if (is_waste_of_time())
        return false;
    start_tsc = tsc_read_ordered();
    clock_try_ns(&start);
    while (pending() >= limit) {
        if (is_over(start, start_tsc, &now)) {
            ran_out = true;
            ran_out_at = ring->out_cons;
            return false;
        }
        notify();
        /* Poll returns at once while an old event is pending. One that comes after this look, and
         * may be about what the look has missed, ends it. */
        evtchn_forget(port);
        if (pending() >= limit)
            evtchn_poll(port, now + SLICE_NS);
    }
    ran_out = false;
    return true;
}

static void put(char c)
{
    ring->out[MASK_XENCONS_IDX(prod, ring->out)] = c;
    compiler_barrier(); /* the byte before the index; x86 keeps stores in order */
    ring->out_prod = ++prod;
}

/* Room for a byte, behind the line that tells of lost ones. */
static bool make_room(void)
{
    char line[LOST_SIZE];

    if (!lost)
        return wait_until_pending_below(sizeof(ring->out));
    if (!wait_until_pending_below(sizeof(ring->out) - LOST_SIZE))
        return false;
    format(line, sizeof(line), "\r\nConsole: %lu bytes are lost here: nobody took them\r\n", lost);
    for (const char *c = line; *c; c++)
        put(*c);
    lost = 0;
    return true;
}

static void ring_put(char c)
{
    if (make_room())
        put(c);
    else
        lost++;
}

static void ring_write(const char *text, size_t size, bool alarm)
{
    (void)alarm;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\n')
            ring_put('\r');
        ring_put(text[i]);
    }
    if (pending() <= prod - announced)
        notify();
}

static void ring_flush(bool wait)
{
    char line[LOST_SIZE];

    if (announced != prod)
        notify();
    if (!wait)
        return;
    if (wait_until_pending_below(1) && lost && make_room())
        wait_until_pending_below(1);
    if (lost || pending()) {
        int length = format(line, sizeof(line), "Console: nobody took the last %lu bytes\n",
                            lost + pending());

        console_debug(line, (size_t)length);
    }
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
    if (gfn == 0 || channel == 0 || gfn >= IDENTITY_LIMIT / PAGE_SIZE ||
        !evtchn_port_exists((evtchn_port_t)channel))
        return false;
    ring = (volatile struct xencons_interface *)(gfn * PAGE_SIZE);
    port = (evtchn_port_t)channel;
    prod = announced = ring->out_prod;
    if (pending() > sizeof(ring->out)) /* nothing sane is in there */
        prod = announced = ring->out_prod = ring->out_cons;
    return true;
}

bool xen_console_init(void)
{
    static struct console_sink ring_sink = {
        .id = CONSOLE_XEN, .write = ring_write, .flush = ring_flush};
    static struct console_sink hypercall_sink = {.id = CONSOLE_XEN, .write = hypercall_write};

    if (find_ring())
        console_register(&ring_sink);
    else if (hypercall_console_write("", 0) == 0)
        console_register(&hypercall_sink);
    else
        return false;
    return true;
}
