/* SPDX-License-Identifier: MIT */
#include "xen/console.h"

#include "arch/x86_64/cpu.h"
#include "kernel/console.h"
#include "lib/format.h"
#include "lib/units.h"
#include "xen/abi/xen.h"
#include "xen/clock.h"
#include "xen/evtchn.h"
#include "xen/hvm_param.h"
#include "xen/hypercall.h"

#define WAIT_NS    (30 * NS_PER_SECOND)
#define WAIT_TICKS (1ull << 37) /* of the TSC, where the clock fails: 27 s at 5 GHz */
#define SLICE_NS   (NS_PER_SECOND / 5)

#define LOST_SIZE 80

/*
 * Why no byte stays behind unnoticed. The far side (xenconsoled, tools/console/daemon/io.c) looks
 * at the ring when an event comes: it reads out_prod, copies, writes out_cons and sends us an
 * event. It does not see what we add after it has read out_prod, so an event has to follow the last
 * byte; `announced` is how far events have told it. A write sends one only if the far side has
 * taken everything announced; if not, an earlier event is still unanswered, and most likely the
 * answer takes these bytes as well. That is one event for a burst: after 30 in 200 ms xenconsoled
 * looks away until the 200 ms are over. ring_flush() announces the rest before the kernel sleeps,
 * waits for an event or for room, and ends.
 */
static struct {
    /* After a restore: another ring, port and far side; xen_console_resume(). */
    volatile struct xencons_interface *ring;
    evtchn_port_t port;
    uint32_t prod; /* what we put into out_prod: the far side's copy is not believed */
    uint32_t announced;
    /* A wait that ran out is not repeated until the far side has moved. */
    bool ran_out;
    uint32_t ran_out_at;
    uint64_t lost; /* bytes, since this was last said */
} state;

/* How many bytes the far side has not taken yet. A value above the ring size is invalid. */
static uint32_t pending(void)
{
    return state.prod - state.ring->out_cons;
}

static void notify(void)
{
    struct evtchn_send send = {.port = state.port};

    state.announced = state.prod;
    hypercall_event_channel_op(EVTCHNOP_send, &send);
}

static bool is_hopeless(void)
{
    const volatile struct xencons_interface_4_21 *newer = (volatile void *)state.ring;

    return newer->connection == XENCONSOLE_DISCONNECTED ||
           (state.ran_out && state.ring->out_cons == state.ran_out_at);
}

static bool is_overdue(uint64_t start, uint64_t start_tsc, uint64_t *now)
{
    return clock_try_ns(now) ? *now - start >= WAIT_NS
                             : tsc_read_ordered() - start_tsc >= WAIT_TICKS;
}

static bool wait_until_pending_below(uint32_t limit)
{
    uint64_t start_tsc, start = 0, now = 0;

    if (pending() < limit)
        return true;
    if (is_hopeless())
        return false;
    start_tsc = tsc_read_ordered();
    clock_try_ns(&start);
    while (pending() >= limit) {
        if (is_overdue(start, start_tsc, &now)) {
            state.ran_out = true;
            state.ran_out_at = state.ring->out_cons;
            return false;
        }
        notify();
        /* Poll returns at once while an old event is pending. One that comes after this look, and
         * may be about what the look has missed, ends it. */
        evtchn_forget(state.port);
        if (pending() >= limit)
            evtchn_poll(state.port, now + SLICE_NS);
    }
    state.ran_out = false;
    return true;
}

static void put_byte(char c)
{
    state.ring->out[MASK_XENCONS_IDX(state.prod, state.ring->out)] = c;
    compiler_barrier(); /* the byte before the index; x86 keeps stores in order */
    state.ring->out_prod = ++state.prod;
}

/* Makes room for a byte, after the line that reports lost ones. */
static bool make_room(void)
{
    char line[LOST_SIZE];

    if (!state.lost)
        return wait_until_pending_below(sizeof(state.ring->out));
    if (!wait_until_pending_below(sizeof(state.ring->out) - LOST_SIZE))
        return false;
    format(line, sizeof(line), "\r\nConsole: %lu bytes are lost here: nobody took them\r\n",
           state.lost);
    for (const char *c = line; *c; c++)
        put_byte(*c);
    state.lost = 0;
    return true;
}

static void ring_put(char c)
{
    if (make_room())
        put_byte(c);
    else
        state.lost++;
}

static void ring_write(const char *text, size_t size, bool alarm)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\n')
            ring_put('\r');
        ring_put(text[i]);
    }
    if (pending() <= state.prod - state.announced)
        notify();
}

static void ring_flush(bool wait)
{
    if (state.announced != state.prod)
        notify();
    if (!wait)
        return;
    if (wait_until_pending_below(1) && state.lost && make_room())
        wait_until_pending_below(1);
    if (state.lost || pending()) {
        char line[LOST_SIZE];
        int length = format(line, sizeof(line), "Console: nobody took the last %lu bytes\n",
                            state.lost + pending());

        console_debug(line, (size_t)length);
    }
}

static void hypercall_write(const char *text, size_t size, bool alarm)
{
    hypercall_console_write(text, size);
}

static bool find_ring(void)
{
    uintptr_t page;

    if (!hvm_param_ring("console", HVM_PARAM_CONSOLE_PFN, HVM_PARAM_CONSOLE_EVTCHN, &page,
                        &state.port, NULL))
        return false;
    state.ring = (volatile struct xencons_interface *)page;
    state.prod = state.announced = state.ring->out_prod;
    if (pending() > sizeof(state.ring->out))
        state.prod = state.announced = state.ring->out_prod = state.ring->out_cons;
    return true;
}

bool xen_console_init(struct error *err)
{
    static struct console_sink ring_sink = {
        .id = CONSOLE_XEN, .write = ring_write, .flush = ring_flush};
    static struct console_sink hypercall_sink = {.id = CONSOLE_XEN, .write = hypercall_write};

    if (find_ring())
        console_register(&ring_sink);
    else if (hypercall_console_write("", 0) == 0)
        console_register(&hypercall_sink);
    else
        return fail(err, XEN_ENODEV, "Xen gives this domain no console");
    return true;
}

void xen_console_resume(void)
{
    state.ran_out = false;
    if (state.ring)
        find_ring(); /* without one, the old page takes what nobody will read */
}
