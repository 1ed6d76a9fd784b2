/* SPDX-License-Identifier: MIT */
#include "lib/units.h"
#include "tests/unit/test.h"

#include <sys/mman.h>
#include <unistd.h>

/* The client itself, whose surroundings are below. It declares what libc has declared already. */
#pragma GCC diagnostic ignored "-Wredundant-decls"
#include "arch/x86_64/memlayout.h"
#include "xen/xenstore.c"

#define PORT  7
#define LOOK  (NS_PER_SECOND / 1000) /* what every look at the clock takes */
#define ABOUT (NS_PER_SECOND + NS_PER_SECOND / 10)

static uint64_t now;
static struct error err;

/* What the far side does, at every step of ours. */
static enum { ANSWERS, REFUSES, SILENT, FLOODS, GIVES_UP, LOSES_IT, CONNECTS_LATE } xenstored;
static const char *refusal;
static uint32_t refusal_size;
static uint32_t refused_type; /* XS_INVALID: all */
static uint64_t connects_at;

static void put_reply(const void *bytes, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        state.ring->rsp[state.ring->rsp_prod++ % XENSTORE_RING_SIZE] = ((const char *)bytes)[i];
}

static void reply(const struct xsd_sockmsg *to, uint32_t type, const char *payload, uint32_t size)
{
    struct xsd_sockmsg header = {type, to->req_id, to->tx_id, size};

    put_reply(&header, sizeof(header));
    put_reply(payload, size);
}

static void serve_request(void)
{
    struct xsd_sockmsg header;

    for (uint32_t i = 0; i < sizeof(header); i++)
        ((char *)&header)[i] = state.ring->req[(state.ring->req_cons + i) % XENSTORE_RING_SIZE];
    state.ring->req_cons += (uint32_t)sizeof(header) + header.len;
    if (xenstored == REFUSES && (refused_type == XS_INVALID || refused_type == header.type))
        reply(&header, XS_ERROR, refusal, refusal_size);
    else if (header.type == XS_TRANSACTION_START)
        reply(&header, header.type, "5", 2);
    else
        reply(&header, header.type, "OK", 3);
}

static void serve(void)
{
    static const struct xsd_sockmsg none;

    switch (xenstored) {
    case ANSWERS:
    case REFUSES:
        while (state.ring->req_cons != state.ring->req_prod)
            serve_request();
        break;
    case FLOODS:
        while (XENSTORE_RING_SIZE - (state.ring->rsp_prod - state.ring->rsp_cons) > 64)
            reply(&none, XS_WATCH_EVENT,
                  "data/x\0"
                  "5",
                  9);
        break;
    case GIVES_UP:
        state.ring->server_features = XENSTORE_FEATURE_ERROR;
        state.ring->error = 3;
        break;
    case LOSES_IT:
        state.ring->connection = 1;
        break;
    case CONNECTS_LATE:
        state.ring->connection = now < connects_at;
        break;
    case SILENT:
        break;
    }
}

uint64_t clock_monotonic_ns(void)
{
    return now += LOOK;
}

bool clock_sleep(uint64_t ns, struct error *unused)
{
    (void)unused;
    now += ns;
    return true;
}

bool evtchn_listen(evtchn_port_t unused, struct error *unused_error)
{
    (void)unused;
    (void)unused_error;
    return true;
}

bool evtchn_notify(evtchn_port_t to, struct error *unused)
{
    (void)unused;
    assert_int_equal(to, PORT);
    serve();
    return true;
}

bool evtchn_wait(evtchn_port_t on, uint64_t deadline, struct error *late)
{
    uint32_t before = state.ring->rsp_prod;

    assert_int_equal(on, PORT);
    serve();
    if (state.ring->rsp_prod != before)
        return true;
    if (now < deadline)
        now = deadline;
    return fail(late, XEN_ETIME, "late");
}

bool hvm_param_ring(const char *what, uint32_t page_index, uint32_t port_index, uintptr_t *address,
                    evtchn_port_t *port, struct error *unused)
{
    static void *page;

    (void)what;
    (void)port_index;
    (void)unused;
    assert_int_equal(page_index, HVM_PARAM_STORE_PFN);
    if (!page)
        page = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *address = (uintptr_t)page;
    *port = PORT;
    return true;
}

static int start(void **unused)
{
    uintptr_t page;
    evtchn_port_t port;

    (void)unused;
    hvm_param_ring("xenstore", HVM_PARAM_STORE_PFN, 0, &page, &port, NULL);
    memset((void *)page, 0, PAGE_SIZE);
    memset(&state, 0, sizeof(state));
    now = 0;
    xenstored = ANSWERS;
    refused_type = XS_INVALID;
    return !xenstore_init(&err);
}

static void refuse(const char *text, uint32_t size)
{
    xenstored = REFUSES;
    refusal = text;
    refusal_size = size;
}

/* The code of a failure, 0 for success. */
static int code(bool good)
{
    return good ? 0 : err.code;
}

static void is_over(bool good, const char *text)
{
    assert_int_equal(code(good), XENSTORE_OVER);
    assert_string_equal(err.text, text);
    xenstored = ANSWERS;
    state.ring->connection = state.ring->error = 0;
    assert_int_equal(code(xenstore_write(0, "data/x", "1", &err)), XENSTORE_OVER);
    assert_string_equal(err.text, text);
}

static void xenstoreds_errors_keep_the_connection(void **unused)
{
    static const struct {
        const char *text;
        uint32_t size;
        int error;
        const char *err;
    } cases[] = {
        {"ENOENT", 7, XEN_ENOENT, "xenstore: data/x: ENOENT"},
        {"EIO", 4, XEN_EIO, "xenstore: data/x: EIO"},
        {"EQUOTA", 7, XEN_EIO, "xenstore: data/x: EQUOTA"},
        {"", 0, XEN_EIO, "xenstore: data/x: "},
        {"E\n>> RESULT: PASS", 18, XEN_EIO, "xenstore: data/x: E\\x0a>> RESULT: PASS"},
        {"EVERYTHINGTHATISLONGERTHANTHEREISROOMFOR", 41, XEN_EIO,
         "xenstore: data/x: EVERYTHINGTHATISLONGERTHANTHEREISROO..."},
    };

    (void)unused;
    for (size_t i = 0; i < COUNT(cases); i++) {
        refuse(cases[i].text, cases[i].size);
        assert_int_equal(code(xenstore_write(0, "data/x", "1", &err)), cases[i].error);
        assert_string_equal(err.text, cases[i].err);
        xenstored = ANSWERS;
        assert_int_equal(code(xenstore_write(0, "data/x", "1", &err)), 0);
    }
}

static void request_times_out(void)
{
    is_over(xenstore_write(0, "data/x", "1", &err),
            "xenstored did not answer about data/x for 10 seconds");
    assert_true(now >= 10 * NS_PER_SECOND && now <= 10 * NS_PER_SECOND + ABOUT);
}

static void no_answer_ends_the_connection_after_10_seconds(void **unused)
{
    (void)unused;
    xenstored = SILENT;
    request_times_out();
}

static void events_that_keep_coming_do_not_keep_a_request(void **unused)
{
    (void)unused;
    xenstored = FLOODS;
    request_times_out();
}

static void events_that_keep_coming_do_not_keep_a_wait(void **unused)
{
    uint32_t watch;

    (void)unused;
    assert_int_equal(code(xenstore_watch("data/y", &watch, &err)), 0);
    assert_int_equal(watch, 0);
    xenstored = FLOODS; /* of watch 5 */
    assert_int_equal(code(xenstore_watch_wait(watch, now + NS_PER_SECOND, &err)), XEN_ETIME);
    assert_true(now >= NS_PER_SECOND && now <= NS_PER_SECOND + ABOUT);
    assert_string_equal(err.text, "nothing watched in xenstore changed");
}

static void events_that_keep_coming_do_not_keep_a_look(void **unused)
{
    uint32_t watch;
    bool fired = true;

    (void)unused;
    assert_int_equal(code(xenstore_watch("data/y", &watch, &err)), 0);
    xenstored = FLOODS; /* of watch 5 */
    serve();
    assert_int_equal(code(xenstore_watch_fired(watch, &fired, &err)), 0);
    assert_false(fired);
    assert_int_equal(code(xenstore_watch_fired(5, &fired, &err)), 0);
    assert_true(fired);
}

static void a_restore_sets_the_watches_again(void **unused)
{
    uint32_t first, second, requests;

    (void)unused;
    assert_int_equal(code(xenstore_watch("data/x", &first, &err)), 0);
    assert_int_equal(code(xenstore_watch("data/y", &second, &err)), 0);
    assert_int_equal(code(xenstore_unwatch("data/x", first, &err)), 0);
    xenstored = GIVES_UP;
    is_over(xenstore_write(0, "data/x", "1", &err),
            "xenstored ended the connection: error 3 (protocol violation)");
    memset((void *)(uintptr_t)state.ring, 0, PAGE_SIZE);
    state.message.have = 3; /* of the former xenstored's next message */
    xenstored = ANSWERS;
    requests = state.last_id;
    assert_int_equal(code(xenstore_resume(&err)), 0);
    assert_int_equal(state.last_id - requests, 1);
    assert_string_equal(state.request + sizeof(struct xsd_sockmsg), "data/y");
    assert_int_equal(code(xenstore_write(0, "data/x", "1", &err)), 0);
}

static bool nothing(uint32_t transaction, void *context, struct error *unused)
{
    (void)context;
    (void)unused;
    assert_int_equal(transaction, 5);
    return true;
}

static void transactions_are_tried_for_10_seconds(void **unused)
{
    (void)unused;
    refuse("EAGAIN", 7);
    refused_type = XS_TRANSACTION_END;
    assert_int_equal(code(xenstore_transaction(nothing, NULL, &err)), XEN_EAGAIN);
    assert_string_equal(err.text, "a xenstore transaction still conflicts after 10 seconds");
    assert_true(now >= 10 * NS_PER_SECOND && now <= 10 * NS_PER_SECOND + ABOUT);
    xenstored = ANSWERS;
    assert_int_equal(code(xenstore_transaction(nothing, NULL, &err)), 0);
}

static void what_the_ring_says_ends_the_connection(void **unused)
{
    (void)unused;
    xenstored = GIVES_UP;
    is_over(xenstore_write(0, "data/x", "1", &err),
            "xenstored ended the connection: error 3 (protocol violation)");
    assert_true(now <= 2 * NS_PER_SECOND);
}

static void a_connection_that_is_lost_ends_a_wait(void **unused)
{
    uint32_t watch;

    (void)unused;
    assert_int_equal(code(xenstore_watch("data/y", &watch, &err)), 0);
    xenstored = LOSES_IT;
    is_over(xenstore_watch_wait(watch, now + 60 * NS_PER_SECOND, &err),
            "the connection to xenstored is lost: its state is 1, expected 0");
    assert_true(now <= 3 * NS_PER_SECOND);
}

static void the_start_waits_for_xenstored(void **unused)
{
    (void)unused;
    state.ring->connection = 1;
    xenstored = CONNECTS_LATE;
    connects_at = now + 5 * NS_PER_SECOND;
    assert_true(xenstore_init(&err));
    assert_true(now >= 5 * NS_PER_SECOND && now <= 7 * NS_PER_SECOND);
    state.ring->connection = 1;
    connects_at = now + 60 * NS_PER_SECOND;
    assert_false(xenstore_init(&err));
    assert_string_equal(err.text,
                        "the connection to xenstored is lost: its state is 1, expected 0");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, start)
    static const struct CMUnitTest tests[] = {
        TEST(xenstoreds_errors_keep_the_connection),
        TEST(no_answer_ends_the_connection_after_10_seconds),
        TEST(events_that_keep_coming_do_not_keep_a_request),
        TEST(events_that_keep_coming_do_not_keep_a_wait),
        TEST(events_that_keep_coming_do_not_keep_a_look),
        TEST(a_restore_sets_the_watches_again),
        TEST(transactions_are_tried_for_10_seconds),
        TEST(what_the_ring_says_ends_the_connection),
        TEST(a_connection_that_is_lost_ends_a_wait),
        TEST(the_start_waits_for_xenstored),
    };

    alarm(60); /* nothing hangs */
    return cmocka_run_group_tests_name("xenstore", tests, NULL, NULL);
}
