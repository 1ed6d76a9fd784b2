/* SPDX-License-Identifier: MIT */
#include "xen/xenstore.h"

#include "arch/x86_64/memlayout.h"
#include "lib/format.h"
#include "lib/number.h"
#include "lib/string.h"
#include "lib/units.h"
#include "xen/clock.h"
#include "xen/evtchn.h"
#include "xen/hypercall.h"

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

static xenstore_ring *ring;
static evtchn_port_t port;
static uint32_t last_id;
static struct xenstore_message message;
static char outgoing[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];
static bool broken;
static struct error broken_why;

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
    evtchn_wait(port, deadline - now > LOOK_EVERY ? now + LOOK_EVERY : deadline);
    return true;
}

bool xenstore_init(struct error *err)
{
    uint64_t gfn = 0, channel = 0, deadline = answer_deadline();

    if (hypercall_hvm_param(HVM_PARAM_STORE_PFN, &gfn) < 0 ||
        hypercall_hvm_param(HVM_PARAM_STORE_EVTCHN, &channel) < 0 || gfn == 0 || channel == 0)
        return fail(err, XEN_EINVAL, "the toolstack gave this domain no xenstore");
    /* Only what is mapped already; libxl puts the page just below 4 GiB. */
    if (gfn >= IDENTITY_LIMIT / PAGE_SIZE)
        return fail(err, XEN_EINVAL, "xenstore's ring is at gfn 0x%lx, expected one below 4 GiB",
                    gfn);
    ring = (xenstore_ring *)(gfn * PAGE_SIZE);
    port = (evtchn_port_t)channel;
    evtchn_listen(port);
    /* A domain may run before xenstored has seen to its ring. */
    while (!xenstore_ring_connected(ring, err))
        if (!sleep_until(deadline))
            return false;
    return true;
}

static int break_off(const struct error *err)
{
    broken = true;
    broken_why = *err;
    return XENSTORE_OVER;
}

/* Puts what is in `outgoing` into the ring: in one go, with one event, where there is room. */
static int put(uint32_t size, uint64_t deadline, struct error *err)
{
    const char *from = outgoing;

    while (size > 0) {
        uint32_t done;

        if (!xenstore_ring_connected(ring, err) || !xenstore_ring_put(ring, from, size, &done, err))
            return break_off(err);
        from += done;
        size -= done;
        if (done > 0 && !evtchn_notify(port, err))
            return break_off(err);
        if (size > 0 && !sleep_until(deadline)) {
            fail(err, XEN_EINVAL, "xenstored took no request for %d seconds", ANSWER_SECONDS);
            return break_off(err);
        }
    }
    return 0;
}

static void take_watch_event(void)
{
    const char *token = xenstore_event_token(&message);
    uint32_t watch;

    if (token && number_parse32(token, 0, WATCHES_MAX - 1, &watch))
        watches[watch].fired = true;
}

/*
 * Waits for the next message that is no watch event, or for any watch event at all if `events`.
 * XEN_ETIME at the deadline, however many other messages come.
 */
static int receive(bool events, uint64_t deadline, struct error *err)
{
    for (;;) {
        uint32_t before = ring->rsp_cons;
        enum xenstore_progress progress = XENSTORE_BAD;

        if (xenstore_ring_connected(ring, err))
            progress = xenstore_ring_get(ring, &message, err);
        if (progress == XENSTORE_BAD)
            return break_off(err);
        /* A ring that was full is one that xenstored may be waiting for. */
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        if (ring->rsp_prod - before >= XENSTORE_RING_SIZE && !evtchn_notify(port, err))
            return break_off(err);

        if (progress == XENSTORE_WHOLE) {
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
                   uint32_t count, struct error *err)
{
    uint64_t deadline = answer_deadline();
    struct xsd_sockmsg header = {.type = type, .req_id = ++last_id, .tx_id = transaction};
    int error;

    if (broken) {
        *err = broken_why;
        return XENSTORE_OVER;
    }
    for (uint32_t i = 0; i < count; i++)
        header.len += parts[i].size;
    if (header.len > XENSTORE_PAYLOAD_MAX) {
        fail(err, XEN_EINVAL, "a xenstore request of %u bytes, expected at most %d", header.len,
             XENSTORE_PAYLOAD_MAX);
        return XEN_E2BIG;
    }

    uint32_t size = sizeof(header);

    memcpy(outgoing, &header, size);
    for (uint32_t i = 0; i < count; i++) {
        memcpy(outgoing + size, parts[i].bytes, parts[i].size);
        size += parts[i].size;
    }
    error = put(size, deadline, err);
    if (!error)
        error = receive(false, deadline, err);
    if (error == XEN_ETIME) {
        fail(err, XEN_EINVAL, "xenstored did not answer about %s for %d seconds", about,
             ANSWER_SECONDS);
        return break_off(err);
    }
    if (error)
        return error;
    if (!xenstore_is_answer(&message, type, header.req_id, transaction, err))
        return break_off(err);
    return message.header.type == XS_ERROR ? xenstore_error(&message, about, err) : 0;
}

static struct part text(const char *text)
{
    return (struct part){text, (uint32_t)strlen(text)};
}

static struct part text_and_nul(const char *text)
{
    return (struct part){text, (uint32_t)strlen(text) + 1};
}

static int request_path(uint32_t type, uint32_t transaction, const char *path, struct error *err)
{
    struct part part = text_and_nul(path);

    return request(type, transaction, path, &part, 1, err);
}

static int too_big(const char *path, uint32_t most, struct error *err)
{
    fail(err, XEN_EINVAL, "xenstore: %s: %u bytes, expected at most %u", path, message.header.len,
         most);
    return XEN_E2BIG;
}

int xenstore_read(uint32_t transaction, const char *path, char *value, uint32_t size,
                  struct error *err)
{
    int error = request_path(XS_READ, transaction, path, err);

    if (error)
        return error;
    if (message.header.len >= size)
        return too_big(path, size - 1, err);
    if (strlen(message.payload) != message.header.len) {
        fail(err, XEN_EINVAL, "xenstore: %s: holds a NUL, expected text", path);
        return XEN_EINVAL;
    }
    memcpy(value, message.payload, message.header.len + 1);
    return 0;
}

int xenstore_read_number(uint32_t transaction, const char *path, uint32_t least, uint32_t most,
                         uint32_t *value, struct error *err)
{
    char shown[VALUE_SHOWN];
    int error = request_path(XS_READ, transaction, path, err);

    if (error)
        return error;
    if (strlen(message.payload) == message.header.len &&
        number_parse32(message.payload, least, most, value))
        return 0;
    string_escape(shown, sizeof(shown), message.payload, message.header.len);
    fail(err, XEN_EINVAL, "xenstore: %s: \"%s\", expected a number from %u to %u", path, shown,
         least, most);
    return XEN_EINVAL;
}

int xenstore_write(uint32_t transaction, const char *path, const char *value, struct error *err)
{
    struct part parts[] = {text_and_nul(path), text(value)};

    return request(XS_WRITE, transaction, path, parts, 2, err);
}

int xenstore_mkdir(uint32_t transaction, const char *path, struct error *err)
{
    return request_path(XS_MKDIR, transaction, path, err);
}

int xenstore_rm(uint32_t transaction, const char *path, struct error *err)
{
    return request_path(XS_RM, transaction, path, err);
}

int xenstore_directory(uint32_t transaction, const char *path, char *names, uint32_t size,
                       uint32_t *used, struct error *err)
{
    int error = request_path(XS_DIRECTORY, transaction, path, err);

    if (error)
        return error;
    if (message.header.len > size)
        return too_big(path, size, err);
    if (message.header.len > 0 && message.payload[message.header.len - 1] != '\0') {
        fail(err, XEN_EINVAL, "xenstore: %s: the list's last name does not end", path);
        return XEN_EINVAL;
    }
    *used = message.header.len;
    memcpy(names, message.payload, *used);
    return 0;
}

int xenstore_get_permissions(uint32_t transaction, const char *path,
                             struct xenstore_permission *list, uint32_t most, uint32_t *count,
                             struct error *err)
{
    int error = request_path(XS_GET_PERMS, transaction, path, err);

    if (error)
        return error;
    return xenstore_parse_permissions(&message, list, most, count, err) ? 0 : XEN_EINVAL;
}

int xenstore_set_permissions(uint32_t transaction, const char *path,
                             const struct xenstore_permission *list, uint32_t count,
                             struct error *err)
{
    char entries[64];
    uint32_t used = 0;

    for (uint32_t i = 0; i < count; i++) {
        char entry[8];
        uint32_t size =
            (uint32_t)format(entry, sizeof(entry), "%c%u", list[i].access, list[i].domid) + 1;

        if (size > sizeof(entries) - used) {
            fail(err, XEN_EINVAL, "%u permissions for %s, expected fewer", count, path);
            return XEN_E2BIG;
        }
        memcpy(entries + used, entry, size);
        used += size;
    }

    struct part parts[] = {text_and_nul(path), {entries, used}};

    return request(XS_SET_PERMS, transaction, path, parts, 2, err);
}

static int request_watch(uint32_t type, const char *path, uint32_t watch, struct error *err)
{
    char token[TOKEN_SIZE];

    format(token, sizeof(token), "%u", watch);

    struct part parts[] = {text_and_nul(path), text_and_nul(token)};

    return request(type, 0, path, parts, 2, err);
}

int xenstore_watch(const char *path, uint32_t *watch, struct error *err)
{
    uint32_t free = 0;

    while (free < WATCHES_MAX && watches[free].used)
        free++;
    if (free == WATCHES_MAX) {
        fail(err, XEN_EINVAL, "no more than %d watches; %s would be one more", WATCHES_MAX, path);
        return XEN_ENOSPC;
    }
    watches[free].fired = false;

    int error = request_watch(XS_WATCH, path, free, err);

    watches[free].used = !error;
    *watch = free;
    return error;
}

int xenstore_unwatch(const char *path, uint32_t watch, struct error *err)
{
    int error = request_watch(XS_UNWATCH, path, watch, err);

    watches[watch].used = watches[watch].used && error;
    return error;
}

int xenstore_watch_wait(uint32_t watch, uint64_t deadline, struct error *err)
{
    if (broken) {
        *err = broken_why;
        return XENSTORE_OVER;
    }
    while (!watches[watch].fired) {
        int error = clock_monotonic_ns() < deadline ? receive(true, deadline, err) : XEN_ETIME;

        if (error == XEN_ETIME)
            fail(err, XEN_EINVAL, "nothing watched in xenstore changed");
        if (error)
            return error;
        if (message.header.type != XS_WATCH_EVENT) {
            fail(err, XEN_EINVAL, "xenstore answers a request that was not made");
            return break_off(err);
        }
    }
    watches[watch].fired = false;
    return 0;
}

static int transaction_end(uint32_t transaction, bool commit, struct error *err)
{
    struct part part = text_and_nul(commit ? "T" : "F");

    return request(XS_TRANSACTION_END, transaction, "the transaction's end", &part, 1, err);
}

int xenstore_transaction(int (*body)(uint32_t transaction, void *context, struct error *err),
                         void *context, struct error *err)
{
    uint64_t deadline = answer_deadline();

    do {
        struct part part = text_and_nul("");
        uint32_t transaction;
        struct error ignored;
        int error = request(XS_TRANSACTION_START, 0, "a transaction's start", &part, 1, err);

        if (error)
            return error;
        if (!number_parse32(message.payload, 1, UINT32_MAX, &transaction)) {
            fail(err, XEN_EINVAL, "xenstore's new transaction has no number");
            return break_off(err);
        }
        error = body(transaction, context, err);
        if (error) {
            transaction_end(transaction, false, &ignored);
            return error;
        }
        error = transaction_end(transaction, true, err);
        if (error != XEN_EAGAIN)
            return error;
        if (!clock_sleep(TRANSACTION_PAUSE, err))
            return break_off(err);
    } while (clock_monotonic_ns() < deadline);
    fail(err, XEN_EINVAL, "others came between in every transaction for %d seconds",
         ANSWER_SECONDS);
    return XEN_EAGAIN;
}
