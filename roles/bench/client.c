/* SPDX-License-Identifier: MIT */
#include "arch/x86_64/memlayout.h"
#include "kernel/printk.h"
#include "lib/format.h"
#include "roles/bench/bench.h"
#include "roles/bench/report.h"
#include "roles/bench/wire.h"
#include "xen/abi/xen.h"
#include "xen/clock.h"
#include "xen/evtchn.h"
#include "xen/grant.h"
#include "xen/hypercall.h"
#include "xen/lifecycle.h"

#define ROUND_TRIPS  200u
#define BATCHES_MOST BENCH_PAGES

static const uint32_t batches[] = {1, 8, 64};
static const uint32_t rings[] = {12, 16, 20}; /* orders */

static struct {
    uint8_t buffer[BENCH_CHUNK_MOST];
    uint8_t copies[BENCH_PAGES][PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
    struct bench_answer answer;
    struct grant_mapping mappings[BATCHES_MOST];
} state;

static bool command(struct link *link, uint32_t what, uint32_t count, uint32_t chunk,
                    struct error *err)
{
    const struct bench_command command = {BENCH_MAGIC, what, count, chunk};

    return vchan_send(&link->vchan, &command, sizeof(command), link->timeout, err);
}

static bool answer(struct link *link, struct error *err)
{
    if (!vchan_receive(&link->vchan, &state.answer, sizeof(state.answer), link->timeout, err))
        return false;
    return state.answer.magic == BENCH_MAGIC ||
           fail(err, XEN_EBADMSG, "domain %u is no benchmark: its magic is 0x%x, expected 0x%x",
                link->peer, state.answer.magic, BENCH_MAGIC);
}

static bool ask(struct link *link, uint32_t what, uint32_t count, struct error *err)
{
    return command(link, what, count, 0, err) && answer(link, err);
}

/* ---- Events ---- */

/* Each end copies `bytes` bytes before it sends its event. */
static bool echo(const struct link *link, evtchn_port_t port, uint32_t bytes, struct error *err)
{
    for (uint32_t i = 0; i < ROUND_TRIPS; i++) {
        bench_copy(bytes);
        if (!evtchn_notify(port, err) ||
            !lifecycle_wait_event(port, clock_monotonic_ns() + link->timeout, err))
            return false;
    }
    return true;
}

static bool time_round_trips(struct link *link, uint32_t bytes, struct series *series,
                             struct error *err)
{
    evtchn_port_t port;
    uint64_t began;
    bool good;

    if (!command(link, BENCH_ECHO, ROUND_TRIPS, bytes, err) || !answer(link, err) ||
        !evtchn_bind(link->peer, state.answer.value, &port, err))
        return false;
    began = clock_monotonic_ns();
    good = echo(link, port, bytes, err);
    series_add(series, (clock_monotonic_ns() - began) * 1000 / ROUND_TRIPS);
    evtchn_close(port);
    return good;
}

/* With copies: what no stream can do without that fills its ring and waits, by turns. */
static bool bench_events(struct link *link, struct error *err)
{
    struct series bare = {0}, copying = {0};

    for (uint32_t run = 0; run < BENCH_RUNS; run++)
        if (!time_round_trips(link, 0, &bare, err) ||
            !time_round_trips(link, BENCH_CHUNK_MOST, &copying, err))
            return false;
    series_print(&bare, "event-round-trip", 0, "ns");
    series_print(&copying, "event-round-trip", BENCH_CHUNK_MOST, "ns");
    return true;
}

/* ---- Grants ---- */

/* Thousandths of a nanosecond for each page. */
static uint64_t each_page(uint64_t began)
{
    return (clock_monotonic_ns() - began) * 1000 / BENCH_PAGES;
}

static bool unmap_first(uint32_t count, struct error *err)
{
    bool good = true;

    while (count-- > 0)
        good = grant_unmap(&state.mappings[count], good ? err : NULL) && good;
    return good;
}

static bool time_map(const struct link *link, uint32_t batch, struct series *map,
                     struct series *unmap, struct error *err)
{
    uint32_t mapped = 0;
    uint64_t began = clock_monotonic_ns();

    for (uint32_t page = 0; page < BENCH_PAGES; page += batch, mapped++)
        if (!grant_map(link->peer, &state.answer.references[page], batch, true,
                       &state.mappings[mapped], err)) {
            unmap_first(mapped, NULL);
            return false;
        }
    series_add(map, each_page(began));
    began = clock_monotonic_ns();
    if (!unmap_first(mapped, err))
        return false;
    series_add(unmap, each_page(began));
    return true;
}

static bool time_copy(const struct link *link, uint32_t batch, struct series *copy,
                      struct error *err)
{
    static struct gnttab_copy operations[BENCH_PAGES];
    uint64_t began;

    for (uint32_t i = 0; i < BENCH_PAGES; i++)
        operations[i] = (struct gnttab_copy){
            .source = {.u.ref = state.answer.references[i], .domid = link->peer},
            .dest = {.u.gmfn = (uintptr_t)state.copies[i] / PAGE_SIZE, .domid = DOMID_SELF},
            .len = PAGE_SIZE,
            .flags = GNTCOPY_source_gref,
            .status = GNTST_general_error,
        };
    began = clock_monotonic_ns();
    for (uint32_t page = 0; page < BENCH_PAGES; page += batch)
        if (!check_result(err, hypercall_grant_table_op(GNTTABOP_copy, &operations[page], batch),
                          "cannot copy grants"))
            return false;
    series_add(copy, each_page(began));
    for (uint32_t i = 0; i < BENCH_PAGES; i++)
        if (operations[i].status != GNTST_okay)
            return fail(err, XEN_EPERM, "cannot copy grant reference %u of domain %u: status %d",
                        state.answer.references[i], link->peer, operations[i].status);
    return true;
}

static bool bench_batch(const struct link *link, uint32_t batch, struct error *err)
{
    struct series map = {0}, unmap = {0}, copy = {0};

    for (uint32_t run = 0; run < BENCH_RUNS; run++)
        if (!time_map(link, batch, &map, &unmap, err) || !time_copy(link, batch, &copy, err))
            return false;
    series_print(&map, "grant-map", batch, "ns/page");
    series_print(&unmap, "grant-unmap", batch, "ns/page");
    series_print(&copy, "grant-copy", batch, "ns/page");
    return true;
}

static bool bench_grants(struct link *link, struct error *err)
{
    if (!ask(link, BENCH_GRANT, 0, err))
        return false;
    for (uint32_t i = 0; i < sizeof(batches) / sizeof(batches[0]); i++)
        if (!bench_batch(link, batches[i], err))
            return false;
    return ask(link, BENCH_REVOKE, 0, err);
}

/* ---- The stream ---- */

struct cost {
    uint64_t ns, hypercalls, notifications; /* of both ends */
};

static bool time_stream(struct link *link, uint32_t bytes, uint32_t chunk, struct cost *cost,
                        struct error *err)
{
    struct vchan *vchan = &link->vchan;
    uint64_t hypercalls = hypercall_count(), notifications = vchan->notifications;
    uint64_t began = clock_monotonic_ns();

    if (!command(link, BENCH_SINK, bytes, chunk, err))
        return false;
    for (uint32_t left = bytes; left > 0;) {
        uint32_t size = left < chunk ? left : chunk;

        if (!lifecycle_look(err) || !vchan_write(vchan, state.buffer, size, link->timeout, err))
            return false;
        left -= size;
    }
    if (!answer(link, err))
        return false;
    cost->ns = clock_monotonic_ns() - began;
    cost->hypercalls = hypercall_count() - hypercalls + state.answer.hypercalls;
    cost->notifications = vchan->notifications - notifications + state.answer.notifications;
    return true;
}

static bool bench_chunk(struct link *link, uint32_t chunk, struct error *err)
{
    struct series speed = {0}, by_memcpy = {0}, hypercalls = {0}, notifications = {0};
    uint32_t ring = link->vchan.end.out.size, bytes = link->options->size;
    char name[32];

    for (uint32_t run = 0; run < BENCH_RUNS; run++) {
        uint64_t copies = bench_two_memcpys(bytes, chunk);
        struct cost cost;

        if (!time_stream(link, bytes, chunk, &cost, err))
            return false;
        series_add(&speed, throughput(bytes, cost.ns));
        series_add(&by_memcpy, ratio(copies, cost.ns));
        series_add(&hypercalls, ratio(cost.hypercalls << 20, bytes));
        series_add(&notifications, ratio(cost.notifications << 20, bytes));
    }
    format(name, sizeof(name), "stream-%u", ring);
    series_print(&speed, name, chunk, "MiB/s");
    format(name, sizeof(name), "stream-by-memcpys-%u", ring);
    series_print(&by_memcpy, name, chunk, "ratio");
    format(name, sizeof(name), "hypercalls-%u", ring);
    series_print(&hypercalls, name, chunk, "per-MiB");
    format(name, sizeof(name), "notifications-%u", ring);
    series_print(&notifications, name, chunk, "per-MiB");
    return true;
}

static bool bench_ring(struct link *link, uint32_t order, struct error *err)
{
    if (!ask(link, BENCH_RING, order, err) || !link_close(link, NULL, true, err) ||
        !link_open(link, err))
        return false;
    for (uint32_t chunk = 64; chunk <= BENCH_CHUNK_MOST; chunk *= 4)
        if (!bench_chunk(link, chunk, err))
            return false;
    return true;
}

static bool measure(struct link *link, struct error *err)
{
    /* At a known node any program may serve, which then knows no more than streams. */
    if (!link_is_known(link) && (!bench_events(link, err) || !bench_grants(link, err)))
        return false;
    for (uint32_t i = 0; i < sizeof(rings) / sizeof(rings[0]); i++)
        if (!bench_ring(link, rings[i], err))
            return false;
    return ask(link, BENCH_END, 0, err);
}

bool bench_client(struct link *link, struct error *err)
{
    struct error wrong;
    bool good;

    if (!link_open(link, err))
        return false;
    good = measure(link, &wrong);
    return link_close(link, good ? NULL : &wrong, false, err);
}
