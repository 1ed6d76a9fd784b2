/* SPDX-License-Identifier: MIT */
#include "arch/x86_64/memlayout.h"
#include "kernel/printk.h"
#include "roles/bench/bench.h"
#include "roles/bench/wire.h"
#include "xen/clock.h"
#include "xen/evtchn.h"
#include "xen/grant.h"
#include "xen/hypercall.h"
#include "xen/lifecycle.h"
#include "xen/unpopulated.h"

/* What is granted to the client: RAM behind what the link uses. */
#define GRANTED ((uintptr_t)FREE_RAM_BASE + LINK_RAM_SIZE)

static struct {
    uint8_t buffer[BENCH_CHUNK_MOST];
    struct bench_answer answer;
    uint32_t granted; /* references in the answer */
    uint64_t commands;
    uint64_t hypercalls, notifications, waits; /* before this command */
} state;

static bool answer(struct link *link, uint32_t value, struct error *err)
{
    struct vchan *vchan = &link->vchan;

    state.answer.magic = BENCH_MAGIC;
    state.answer.value = value;
    state.answer.hypercalls = (uint32_t)(hypercall_count() - state.hypercalls);
    state.answer.notifications = (uint32_t)(vchan->notifications - state.notifications);
    state.answer.waits = (uint32_t)(vchan->waits - state.waits);
    return vchan_send(vchan, &state.answer, sizeof(state.answer), link->timeout, err) &&
           vchan_flush(vchan, err);
}

static bool sink(struct link *link, uint32_t count, uint32_t chunk, struct error *err)
{
    for (uint32_t left = count; left > 0;) {
        uint32_t wanted = left < chunk ? left : chunk, got;

        if (!lifecycle_look(err) ||
            !vchan_read(&link->vchan, state.buffer, wanted, link->timeout, &got, err))
            return false;
        left -= got;
    }
    return answer(link, 0, err);
}

/* On a channel of its own: the vchan's may have an event of the vchan on it. */
static bool echo(struct link *link, uint32_t count, uint32_t bytes, struct error *err)
{
    evtchn_port_t port;
    bool good;

    if (!evtchn_open(link->peer, &port, err))
        return false;
    good = answer(link, port, err);
    for (uint32_t i = 0; i < count && good; i++) {
        good = lifecycle_wait_event(port, clock_monotonic_ns() + link->timeout, err);
        bench_copy(bytes);
        good = good && evtchn_notify(port, err);
    }
    evtchn_close(port);
    return good;
}

static bool revoke(const struct link *link, struct error *err)
{
    for (; state.granted > 0; state.granted--)
        if (!grant_end(state.answer.references[state.granted - 1]))
            return fail(err, XEN_EBUSY, "domain %u still has grant reference %u mapped", link->peer,
                        state.answer.references[state.granted - 1]);
    return true;
}

static bool grant(struct link *link, struct error *err)
{
    if (!unpopulated_is_ram(FREE_RAM_BASE, LINK_RAM_SIZE + BENCH_PAGES * PAGE_SIZE))
        return fail(err, XEN_ENOMEM, "no memory for %u pages to grant", BENCH_PAGES);
    if (!revoke(link, err))
        return false;
    for (; state.granted < BENCH_PAGES; state.granted++)
        if (!grant_access(link->peer, GRANTED / PAGE_SIZE + state.granted, true,
                          &state.answer.references[state.granted], err))
            return false;
    return answer(link, 0, err);
}

/* Does what the client asks for; sets *ended at the last command. */
static bool obey(struct link *link, const struct bench_command *command, bool *ended,
                 struct error *err)
{
    uint32_t count = command->count, chunk = command->chunk;

    if (command->magic != BENCH_MAGIC)
        return fail(err, XEN_EBADMSG, "domain %u is no benchmark: its magic is 0x%x, expected 0x%x",
                    link->peer, command->magic, BENCH_MAGIC);
    switch (command->what) {
    case BENCH_SINK:
        if (chunk < 1 || chunk > BENCH_CHUNK_MOST)
            break;
        return sink(link, count, chunk, err);
    case BENCH_ECHO:
        if (count > BENCH_COUNT_MOST || chunk > BENCH_CHUNK_MOST)
            break;
        return echo(link, count, chunk, err);
    case BENCH_GRANT:
        return grant(link, err);
    case BENCH_REVOKE:
        return revoke(link, err) && answer(link, 0, err);
    case BENCH_RING:
        if (count < VCHAN_ORDER_LEAST || count > VCHAN_ORDER_MOST)
            break;
        link->ring = count;
        return answer(link, 0, err) && link_close(link, NULL, true, err) && link_open(link, err);
    case BENCH_END:
        *ended = true;
        return answer(link, 0, err);
    }
    return fail(err, XEN_EBADMSG, "domain %u asks for %u with %u and %u: expected a benchmark's",
                link->peer, command->what, count, chunk);
}

static bool serve(struct link *link, struct error *err)
{
    struct bench_command command;

    for (bool ended = false; !ended; state.commands++) {
        struct vchan *vchan = &link->vchan;

        if (!vchan_receive(vchan, &command, sizeof(command), link->timeout, err))
            return false;
        state.hypercalls = hypercall_count();
        state.notifications = vchan->notifications;
        state.waits = vchan->waits;
        if (!obey(link, &command, &ended, err))
            return false;
    }
    return true;
}

bool bench_server(struct link *link, struct error *err)
{
    struct error wrong;
    bool good;

    if (!link_open(link, err))
        return false;
    good = serve(link, &wrong);
    printk(">> Bench: obeyed %lu commands of domain %u\n", state.commands, link->peer);
    return link_close(link, good ? NULL : &wrong, false, err);
}
