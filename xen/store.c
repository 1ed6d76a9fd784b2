/* SPDX-License-Identifier: MIT */
#include "xen/store.h"

#include "arch/x86_64/memlayout.h"
#include "kernel/format.h"
#include "kernel/string.h"
#include "xen/event.h"
#include "xen/hypercall.h"
#include "xen/pvclock.h"
#include "xen/time.h"

#define ANSWER_SECONDS    10
#define TRANSACTION_PAUSE (NS_PER_SECOND / 1000)
#define LOOK_EVERY        NS_PER_SECOND /* at whether xenstored still serves the ring */
#define WATCHES_MAX       8
#define TOKEN_SIZE        4
#define VALUE_SHOWN       40

/* One part of a request's payload. */
struct part {
    const void *bytes;
    uint32_t size;
};

static store_ring *ring;
static evtchn_port_t port;
static uint32_t last_id;
static struct store_message message;
static char outgoing[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];
static bool broken;
static struct why broken_why;

static struct {
    bool used, fired;
} watches[WATCHES_MAX];

static uint64_t answer_deadline(void)
{
    return clock_monotonic_ns() + ANSWER_SECONDS * NS_PER_SECOND;
}

/* Sleeps until there may be something new in the ring. False if it is past the deadline. */
static bool sleep_until(uint64_t deadline)
{
    uint64_t now = clock_monotonic_ns();

    if (now >= deadline)
        return false;
    event_wait(port, deadline - now > LOOK_EVERY ? now + LOOK_EVERY : deadline);
    return true;
}

bool store_init(struct why *why)
{
    uint64_t gfn = 0, channel = 0, deadline = answer_deadline();

    if (hypercall_hvm_param(HVM_PARAM_STORE_PFN, &gfn) < 0 ||
        hypercall_hvm_param(HVM_PARAM_STORE_EVTCHN, &channel) < 0 || gfn == 0 || channel == 0)
        return why_say(why, "the toolstack gave this domain no xenstore");
    /* Only what is mapped already; libxl puts the page just below 4 GiB. */
    if (gfn >= IDENTITY_LIMIT / PAGE_SIZE)
        return why_say(why, "xenstore's ring is at gfn 0x%lx, expected one below 4 GiB", gfn);
    ring = (store_ring *)(gfn * PAGE_SIZE);
    port = (evtchn_port_t)channel;
    event_listen(port);
    /* A domain may run before xenstored has seen to its ring. */
    while (!store_ring_connected(ring, why))
        if (!sleep_until(deadline))
            return false;
    return true;
}

static int break_off(const struct why *why)
{
    broken = true;
    broken_why = *why;
    return STORE_OVER;
}

/* Puts what is in `outgoing` into the ring: in one go, with one event, where there is room. */
static int put(uint32_t size, uint64_t deadline, struct why *why)
{
    const char *from = outgoing;

    while (size > 0) {
        uint32_t done;

        if (!store_ring_connected(ring, why) || !store_ring_put(ring, from, size, &done, why))
            return break_off(why);
        from += done;
        size -= done;
        if (done > 0 && !event_notify(port, why))
            return break_off(why);
        if (size > 0 && !sleep_until(deadline)) {
            why_say(why, "xenstored took no request for %d seconds", ANSWER_SECONDS);
            return break_off(why);
        }
    }
    return 0;
}

static void take_watch_event(void)
{
    const char *token = store_event_token(&message);
    uint32_t watch;

    if (token && store_parse_number(token, 0, WATCHES_MAX - 1, &watch))
        watches[watch].fired = true;
}

/*
 * Waits for the next message that is no watch event, or for any watch event at all if `events`.
 * XEN_ETIME at the deadline, however many other messages come.
 */
static int receive(bool events, uint64_t deadline, struct why *why)
{
    for (;;) {
        uint32_t before = ring->rsp_cons;
        enum store_progress progress = STORE_BAD;

        if (store_ring_connected(ring, why))
            progress = store_ring_get(ring, &message, why);
        if (progress == STORE_BAD)
            return break_off(why);
        /* A ring that was full is one that xenstored may be waiting for. */
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        if (ring->rsp_prod - before >= XENSTORE_RING_SIZE && !event_notify(port, why))
            return break_off(why);

        if (progress == STORE_WHOLE) {
            message.have = 0;
            if (message.header.type != XS_WATCH_EVENT)
                return 0;
            take_watch_event();
            if (events)
                return 0;
            if (clock_monotonic_ns() >= deadline)
                return XEN_ETIME;
        } else if (!sleep_until(deadline)) {
            return XEN_ETIME;
        }
    }
}

/* Sends a request and waits for its answer, which is then in `message`. */
static int request(uint32_t type, uint32_t transaction, const char *about, const struct part *parts,
                   uint32_t count, struct why *why)
{
    uint64_t deadline = answer_deadline();
    struct xsd_sockmsg header = {.type = type, .req_id = ++last_id, .tx_id = transaction};
    int error;

    if (broken) {
        *why = broken_why;
        return STORE_OVER;
    }
    for (uint32_t i = 0; i < count; i++)
        header.len += parts[i].size;
    if (header.len > XENSTORE_PAYLOAD_MAX) {
        why_say(why, "a xenstore request of %u bytes, expected at most %d", header.len,
                XENSTORE_PAYLOAD_MAX);
        return XEN_E2BIG;
    }

    uint32_t size = sizeof(header);

    memcpy(outgoing, &header, size);
    for (uint32_t i = 0; i < count; i++) {
        memcpy(outgoing + size, parts[i].bytes, parts[i].size);
        size += parts[i].size;
    }
    error = put(size, deadline, why);
    if (!error)
        error = receive(false, deadline, why);
    if (error == XEN_ETIME) {
        why_say(why, "xenstored did not answer about %s for %d seconds", about, ANSWER_SECONDS);
        return break_off(why);
    }
    if (error)
        return error;
    if (!store_is_answer(&message, type, header.req_id, transaction, why))
        return break_off(why);
    return message.header.type == XS_ERROR ? store_error(&message, about, why) : 0;
}

static struct part text(const char *text)
{
    return (struct part){text, (uint32_t)strlen(text)};
}

static struct part text_and_nul(const char *text)
{
    return (struct part){text, (uint32_t)strlen(text) + 1};
}

static int request_path(uint32_t type, uint32_t transaction, const char *path, struct why *why)
{
    struct part part = text_and_nul(path);

    return request(type, transaction, path, &part, 1, why);
}

static int too_big(const char *path, uint32_t most, struct why *why)
{
    why_say(why, "xenstore: %s: %u bytes, expected at most %u", path, message.header.len, most);
    return XEN_E2BIG;
}

int store_read(uint32_t transaction, const char *path, char *value, uint32_t size, struct why *why)
{
    int error = request_path(XS_READ, transaction, path, why);

    if (error)
        return error;
    if (message.header.len >= size)
        return too_big(path, size - 1, why);
    if (strlen(message.payload) != message.header.len) {
        why_say(why, "xenstore: %s: holds a NUL, expected text", path);
        return XEN_EINVAL;
    }
    memcpy(value, message.payload, message.header.len + 1);
    return 0;
}

int store_read_number(uint32_t transaction, const char *path, uint32_t least, uint32_t most,
                      uint32_t *value, struct why *why)
{
    char shown[VALUE_SHOWN];
    int error = request_path(XS_READ, transaction, path, why);

    if (error)
        return error;
    if (strlen(message.payload) == message.header.len &&
        store_parse_number(message.payload, least, most, value))
        return 0;
    string_escape(shown, sizeof(shown), message.payload, message.header.len);
    why_say(why, "xenstore: %s: \"%s\", expected a number from %u to %u", path, shown, least, most);
    return XEN_EINVAL;
}

int store_write(uint32_t transaction, const char *path, const char *value, struct why *why)
{
    struct part parts[] = {text_and_nul(path), text(value)};

    return request(XS_WRITE, transaction, path, parts, 2, why);
}

int store_mkdir(uint32_t transaction, const char *path, struct why *why)
{
    return request_path(XS_MKDIR, transaction, path, why);
}

int store_rm(uint32_t transaction, const char *path, struct why *why)
{
    return request_path(XS_RM, transaction, path, why);
}

int store_directory(uint32_t transaction, const char *path, char *names, uint32_t size,
                    uint32_t *used, struct why *why)
{
    int error = request_path(XS_DIRECTORY, transaction, path, why);

    if (error)
        return error;
    if (message.header.len > size)
        return too_big(path, size, why);
    if (message.header.len > 0 && message.payload[message.header.len - 1] != '\0') {
        why_say(why, "xenstore: %s: the list's last name does not end", path);
        return XEN_EINVAL;
    }
    *used = message.header.len;
    memcpy(names, message.payload, *used);
    return 0;
}

int store_get_permissions(uint32_t transaction, const char *path, struct store_permission *list,
                          uint32_t most, uint32_t *count, struct why *why)
{
    int error = request_path(XS_GET_PERMS, transaction, path, why);

    if (error)
        return error;
    return store_parse_permissions(&message, list, most, count, why) ? 0 : XEN_EINVAL;
}

int store_set_permissions(uint32_t transaction, const char *path,
                          const struct store_permission *list, uint32_t count, struct why *why)
{
    char entries[64];
    uint32_t used = 0;

    for (uint32_t i = 0; i < count; i++) {
        char entry[8];
        uint32_t size =
            (uint32_t)format(entry, sizeof(entry), "%c%u", list[i].access, list[i].domid) + 1;

        if (size > sizeof(entries) - used) {
            why_say(why, "%u permissions for %s, expected fewer", count, path);
            return XEN_E2BIG;
        }
        memcpy(entries + used, entry, size);
        used += size;
    }

    struct part parts[] = {text_and_nul(path), {entries, used}};

    return request(XS_SET_PERMS, transaction, path, parts, 2, why);
}

static int request_watch(uint32_t type, const char *path, uint32_t watch, struct why *why)
{
    char token[TOKEN_SIZE];

    format(token, sizeof(token), "%u", watch);

    struct part parts[] = {text_and_nul(path), text_and_nul(token)};

    return request(type, 0, path, parts, 2, why);
}

int store_watch(const char *path, uint32_t *watch, struct why *why)
{
    uint32_t free = 0;

    while (free < WATCHES_MAX && watches[free].used)
        free++;
    if (free == WATCHES_MAX) {
        why_say(why, "no more than %d watches; %s would be one more", WATCHES_MAX, path);
        return XEN_ENOSPC;
    }
    watches[free].fired = false;

    int error = request_watch(XS_WATCH, path, free, why);

    watches[free].used = !error;
    *watch = free;
    return error;
}

int store_unwatch(const char *path, uint32_t watch, struct why *why)
{
    int error = request_watch(XS_UNWATCH, path, watch, why);

    watches[watch].used = watches[watch].used && error;
    return error;
}

int store_watch_wait(uint32_t watch, uint64_t deadline, struct why *why)
{
    if (broken) {
        *why = broken_why;
        return STORE_OVER;
    }
    while (!watches[watch].fired) {
        int error = clock_monotonic_ns() < deadline ? receive(true, deadline, why) : XEN_ETIME;

        if (error == XEN_ETIME)
            why_say(why, "nothing watched in xenstore changed");
        if (error)
            return error;
        if (message.header.type != XS_WATCH_EVENT) {
            why_say(why, "xenstore answers a request that was not made");
            return break_off(why);
        }
    }
    watches[watch].fired = false;
    return 0;
}

static int transaction_end(uint32_t transaction, bool commit, struct why *why)
{
    struct part part = text_and_nul(commit ? "T" : "F");

    return request(XS_TRANSACTION_END, transaction, "the transaction's end", &part, 1, why);
}

int store_transaction(int (*body)(uint32_t transaction, void *context, struct why *why),
                      void *context, struct why *why)
{
    uint64_t deadline = answer_deadline();

    do {
        struct part part = text_and_nul("");
        uint32_t transaction;
        struct why ignored;
        int error = request(XS_TRANSACTION_START, 0, "a transaction's start", &part, 1, why);

        if (error)
            return error;
        if (!store_parse_number(message.payload, 1, UINT32_MAX, &transaction)) {
            why_say(why, "xenstore's new transaction has no number");
            return break_off(why);
        }
        error = body(transaction, context, why);
        if (error) {
            transaction_end(transaction, false, &ignored);
            return error;
        }
        error = transaction_end(transaction, true, why);
        if (error != XEN_EAGAIN)
            return error;
        if (!clock_sleep(TRANSACTION_PAUSE, why))
            return break_off(why);
    } while (clock_monotonic_ns() < deadline);
    why_say(why, "others came between in every transaction for %d seconds", ANSWER_SECONDS);
    return XEN_EAGAIN;
}
