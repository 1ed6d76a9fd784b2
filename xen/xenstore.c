/* SPDX-License-Identifier: MIT */
#include "xen/xenstore.h"

#include "lib/format.h"
#include "lib/number.h"
#include "lib/string.h"
#include "lib/units.h"
#include "xen/clock.h"
#include "xen/evtchn.h"
#include "xen/hvm_param.h"

#define ANSWER_SECONDS    10
#define TRANSACTION_PAUSE (NS_PER_SECOND / 1000)
#define LOOK_EVERY        NS_PER_SECOND /* at whether xenstored still serves the ring */
#define WATCHES_MAX       8
#define EVENTS_AT_ONCE    32
#define TOKEN_SIZE        4
#define VALUE_SHOWN       40
#define NOT_ASKED_FOR     "xenstore answers a request that was not made"

/* One part of a request's payload. */
struct part {
    const void *bytes;
    uint32_t size;
};

static struct {
    /* After a restore: another xenstored, without our watches and transactions. */
    xenstore_ring *ring;
    evtchn_port_t port;
    bool over; /* and why */
    struct error over_err;
    struct {
        bool used, fired;
        char path[XENSTORE_WATCHED_MAX + 1];
    } watches[WATCHES_MAX];
    uint32_t last_id;
    /* What is sent, and what comes: one request at a time. */
    char request[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];
    struct xenstore_message message;
} state;

static uint64_t answer_deadline(void)
{
    return clock_monotonic_ns() + ANSWER_SECONDS * NS_PER_SECOND;
}

/* Sleeps until there may be something new in the ring. XEN_ETIME past the deadline. */
static bool sleep_until(uint64_t deadline, struct error *err)
{
    uint64_t now = clock_monotonic_ns();
    struct error wait;

    if (now >= deadline)
        return fail(err, XEN_ETIME, "xenstored does not answer");
    if (evtchn_wait(state.port, deadline - now > LOOK_EVERY ? now + LOOK_EVERY : deadline, &wait) ||
        wait.code == XEN_ETIME)
        return true;
    return fail_as(err, &wait);
}

bool xenstore_init(struct error *err)
{
    uint64_t deadline = answer_deadline();
    uintptr_t page;

    if (!hvm_param_ring("xenstore", HVM_PARAM_STORE_PFN, HVM_PARAM_STORE_EVTCHN, &page, &state.port,
                        err) ||
        !evtchn_listen(state.port, err))
        return false;
    state.ring = (xenstore_ring *)page;
    /* A domain may run before xenstored serves its ring. */
    while (!xenstore_ring_connected(state.ring, err))
        if (!sleep_until(deadline, NULL))
            return false;
    return true;
}

/* Ends the connection for good. */
static bool fail_over(const char *text, struct error *err)
{
    if (!state.over)
        fail(&state.over_err, XENSTORE_OVER, "%s", text);
    state.over = true;
    return fail_as(err, &state.over_err);
}

/* Puts state.request into the ring: in one go, with one event, where there is room. */
static bool put_request(uint32_t size, uint64_t deadline, struct error *err)
{
    const char *from = state.request;

    while (size > 0) {
        uint32_t done;

        if (!xenstore_ring_connected(state.ring, err) ||
            !xenstore_ring_put(state.ring, from, size, &done, err))
            return false;
        from += done;
        size -= done;
        if (done > 0 && !evtchn_notify(state.port, err))
            return false;
        if (size > 0 && !sleep_until(deadline, NULL))
            return fail(err, XEN_ETIME, "xenstored took no request for %d seconds", ANSWER_SECONDS);
    }
    return true;
}

static void take_watch_event(void)
{
    const char *token = xenstore_event_token(&state.message);
    uint32_t watch;

    if (token && number_parse32(token, 0, WATCHES_MAX - 1, &watch))
        state.watches[watch].fired = true;
}

/* Takes what the ring holds of the next message; sets *whole if that is all of it. */
static bool take_message(bool *whole, struct error *err)
{
    uint32_t before = state.ring->rsp_cons;

    if (!xenstore_ring_connected(state.ring, err) ||
        !xenstore_ring_get(state.ring, &state.message, whole, err))
        return false;
    if (*whole)
        state.message.have = 0;
    /* A ring that was full is one that xenstored may be waiting for. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return state.ring->rsp_prod - before < XENSTORE_RING_SIZE || evtchn_notify(state.port, err);
}

/*
 * Waits for the next message that is no watch event, or for any watch event at all if `events`.
 * XEN_ETIME at the deadline, however many other messages come; on any other error the connection
 * is over.
 */
static bool receive(bool events, uint64_t deadline, struct error *err)
{
    for (;;) {
        bool whole;
        struct error wrong;

        if (!take_message(&whole, &wrong))
            return fail_over(wrong.text, err);
        if (whole) {
            if (state.message.header.type != XS_WATCH_EVENT)
                return true;
            take_watch_event();
            if (events)
                return true;
            if (clock_monotonic_ns() >= deadline)
                return fail(err, XEN_ETIME, "xenstored does not answer");
        } else if (!sleep_until(deadline, &wrong)) {
            return wrong.code == XEN_ETIME ? fail_as(err, &wrong) : fail_over(wrong.text, err);
        }
    }
}

/* Sends a request and waits for its answer, which is then in state.message. */
static bool request(uint32_t type, uint32_t transaction, const char *about,
                    const struct part *parts, uint32_t count, struct error *err)
{
    uint64_t deadline = answer_deadline();
    struct xsd_sockmsg header = {.type = type, .req_id = ++state.last_id, .tx_id = transaction};
    uint32_t size = sizeof(header);
    struct error wrong;

    if (state.over)
        return fail_over("", err);
    for (uint32_t i = 0; i < count; i++)
        header.len += parts[i].size;
    if (header.len > XENSTORE_PAYLOAD_MAX)
        return fail(err, XEN_E2BIG, "a xenstore request of %u bytes, expected at most %d",
                    header.len, XENSTORE_PAYLOAD_MAX);

    memcpy(state.request, &header, size);
    for (uint32_t i = 0; i < count; i++) {
        memcpy(state.request + size, parts[i].bytes, parts[i].size);
        size += parts[i].size;
    }
    if (!put_request(size, deadline, &wrong))
        return fail_over(wrong.text, err);
    if (!receive(false, deadline, &wrong)) {
        if (wrong.code == XEN_ETIME)
            fail(&wrong, XEN_ETIME, "xenstored did not answer about %s for %d seconds", about,
                 ANSWER_SECONDS);
        return fail_over(wrong.text, err);
    }
    if (!xenstore_is_answer(&state.message, type, header.req_id, transaction, &wrong))
        return fail_over(wrong.text, err);
    return state.message.header.type != XS_ERROR || xenstore_error(&state.message, about, err);
}

static struct part text(const char *text)
{
    return (struct part){text, (uint32_t)strlen(text)};
}

static struct part text_and_nul(const char *text)
{
    return (struct part){text, (uint32_t)strlen(text) + 1};
}

static bool request_path(uint32_t type, uint32_t transaction, const char *path, struct error *err)
{
    struct part part = text_and_nul(path);

    return request(type, transaction, path, &part, 1, err);
}

static bool fail_too_big(const char *path, uint32_t most, struct error *err)
{
    return fail(err, XEN_E2BIG, "xenstore: %s: %u bytes, expected at most %u", path,
                state.message.header.len, most);
}

bool xenstore_read(uint32_t transaction, const char *path, char *value, uint32_t size,
                   struct error *err)
{
    if (!request_path(XS_READ, transaction, path, err))
        return false;
    if (state.message.header.len >= size)
        return fail_too_big(path, size - 1, err);
    if (strlen(state.message.payload) != state.message.header.len)
        return fail(err, XEN_EINVAL, "xenstore: %s: holds a NUL, expected text", path);
    memcpy(value, state.message.payload, state.message.header.len + 1);
    return true;
}

bool xenstore_read_number(uint32_t transaction, const char *path, uint32_t least, uint32_t most,
                          uint32_t *value, struct error *err)
{
    char shown[VALUE_SHOWN];
    if (!request_path(XS_READ, transaction, path, err))
        return false;
    if (strlen(state.message.payload) == state.message.header.len &&
        number_parse32(state.message.payload, least, most, value))
        return true;
    string_escape(shown, sizeof(shown), state.message.payload, state.message.header.len);
    return fail(err, XEN_EINVAL, "xenstore: %s: \"%s\", expected a number from %u to %u", path,
                shown, least, most);
}

bool xenstore_write(uint32_t transaction, const char *path, const char *value, struct error *err)
{
    struct part parts[] = {text_and_nul(path), text(value)};

    return request(XS_WRITE, transaction, path, parts, 2, err);
}

bool xenstore_mkdir(uint32_t transaction, const char *path, struct error *err)
{
    return request_path(XS_MKDIR, transaction, path, err);
}

bool xenstore_rm(uint32_t transaction, const char *path, struct error *err)
{
    return request_path(XS_RM, transaction, path, err);
}

bool xenstore_directory(uint32_t transaction, const char *path, char *names, uint32_t size,
                        uint32_t *used, struct error *err)
{
    if (!request_path(XS_DIRECTORY, transaction, path, err))
        return false;
    if (state.message.header.len > size)
        return fail_too_big(path, size, err);
    if (state.message.header.len > 0 && state.message.payload[state.message.header.len - 1] != '\0')
        return fail(err, XEN_EINVAL, "xenstore: %s: the list's last name does not end", path);
    *used = state.message.header.len;
    memcpy(names, state.message.payload, *used);
    return true;
}

bool xenstore_get_permissions(uint32_t transaction, const char *path,
                              struct xenstore_permission *list, uint32_t most, uint32_t *count,
                              struct error *err)
{
    if (!request_path(XS_GET_PERMS, transaction, path, err))
        return false;
    return xenstore_parse_permissions(&state.message, list, most, count, err);
}

bool xenstore_set_permissions(uint32_t transaction, const char *path,
                              const struct xenstore_permission *list, uint32_t count,
                              struct error *err)
{
    char entries[64];
    uint32_t used = 0;

    for (uint32_t i = 0; i < count; i++) {
        char entry[8];
        uint32_t size =
            (uint32_t)format(entry, sizeof(entry), "%c%u", list[i].access, list[i].domid) + 1;

        if (size > sizeof(entries) - used)
            return fail(err, XEN_E2BIG, "%u permissions for %s, expected fewer", count, path);
        memcpy(entries + used, entry, size);
        used += size;
    }

    struct part parts[] = {text_and_nul(path), {entries, used}};

    return request(XS_SET_PERMS, transaction, path, parts, 2, err);
}

static bool request_watch(uint32_t type, const char *path, uint32_t watch, struct error *err)
{
    char token[TOKEN_SIZE];

    format(token, sizeof(token), "%u", watch);

    struct part parts[] = {text_and_nul(path), text_and_nul(token)};

    return request(type, 0, path, parts, 2, err);
}

bool xenstore_watch(const char *path, uint32_t *watch, struct error *err)
{
    uint32_t free = 0;

    while (free < WATCHES_MAX && state.watches[free].used)
        free++;
    if (free == WATCHES_MAX)
        return fail(err, XEN_ENOSPC, "cannot watch %s: all %d watches are in use", path,
                    WATCHES_MAX);
    if (strlen(path) > XENSTORE_WATCHED_MAX)
        return fail(err, XEN_E2BIG, "a watch of %zu bytes, expected at most %d", strlen(path),
                    XENSTORE_WATCHED_MAX);
    memcpy(state.watches[free].path, path, strlen(path) + 1);
    state.watches[free].fired = false;
    state.watches[free].used = request_watch(XS_WATCH, path, free, err);
    *watch = free;
    return state.watches[free].used;
}

bool xenstore_resume(struct error *err)
{
    state.message.have = 0;
    state.over = false;
    if (!xenstore_init(err))
        return false;
    for (uint32_t watch = 0; watch < WATCHES_MAX; watch++)
        if (state.watches[watch].used &&
            !request_watch(XS_WATCH, state.watches[watch].path, watch, err))
            return false;
    return true;
}

bool xenstore_unwatch(const char *path, uint32_t watch, struct error *err)
{
    if (!request_watch(XS_UNWATCH, path, watch, err))
        return false;
    state.watches[watch].used = false;
    return true;
}

bool xenstore_watch_wait(uint32_t watch, uint64_t deadline, struct error *err)
{
    if (state.over)
        return fail_over("", err);
    while (!state.watches[watch].fired) {
        struct error wrong = {.code = XEN_ETIME};

        if (clock_monotonic_ns() >= deadline || !receive(true, deadline, &wrong))
            return wrong.code == XEN_ETIME
                       ? fail(err, XEN_ETIME, "nothing watched in xenstore changed")
                       : fail_as(err, &wrong);
        if (state.message.header.type != XS_WATCH_EVENT)
            return fail_over(NOT_ASKED_FOR, err);
    }
    state.watches[watch].fired = false;
    return true;
}

bool xenstore_watch_fired(uint32_t watch, bool *fired, struct error *err)
{
    bool whole = true;
    struct error wrong;

    if (state.over)
        return fail_over("", err);
    /* A flood of events must not keep us here. */
    for (unsigned int i = 0; i < EVENTS_AT_ONCE && whole; i++) {
        if (!take_message(&whole, &wrong))
            return fail_over(wrong.text, err);
        if (whole && state.message.header.type != XS_WATCH_EVENT)
            return fail_over(NOT_ASKED_FOR, err);
        if (whole)
            take_watch_event();
    }
    *fired = state.watches[watch].fired;
    state.watches[watch].fired = false;
    return true;
}

evtchn_port_t xenstore_port(void)
{
    return state.port;
}

static bool transaction_end(uint32_t transaction, bool commit, struct error *err)
{
    struct part part = text_and_nul(commit ? "T" : "F");

    return request(XS_TRANSACTION_END, transaction, "the transaction's end", &part, 1, err);
}

bool xenstore_transaction(bool (*body)(uint32_t transaction, void *context, struct error *err),
                          void *context, struct error *err)
{
    uint64_t deadline = answer_deadline();

    do {
        struct part part = text_and_nul("");
        uint32_t transaction;
        struct error wrong;

        if (!request(XS_TRANSACTION_START, 0, "a transaction's start", &part, 1, err))
            return false;
        if (!number_parse32(state.message.payload, 1, UINT32_MAX, &transaction))
            return fail_over("xenstore's new transaction has no number", err);
        if (!body(transaction, context, err)) {
            transaction_end(transaction, false, NULL);
            return false;
        }
        if (transaction_end(transaction, true, &wrong))
            return true;
        if (wrong.code != XEN_EAGAIN)
            return fail_as(err, &wrong);
        if (!clock_sleep(TRANSACTION_PAUSE, &wrong))
            return fail_over(wrong.text, err);
    } while (clock_monotonic_ns() < deadline);
    return fail(err, XEN_EAGAIN, "a xenstore transaction still conflicts after %d seconds",
                ANSWER_SECONDS);
}
