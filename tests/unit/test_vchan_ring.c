/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <pthread.h>

#include "xen/vchan_ring.h"

/* Xen's own header, under other names: ours must say the same. */
#undef VCHAN_NOTIFY_WRITE
#undef VCHAN_NOTIFY_READ
#define ring_shared     xen_ring_shared
#define vchan_interface xen_vchan_interface
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#include <xen/io/libxenvchan.h>
#pragma GCC diagnostic pop
#undef ring_shared
#undef vchan_interface

#define SAME(member)                                                                               \
    _Static_assert(offsetof(struct vchan_interface, member) ==                                     \
                           offsetof(struct xen_vchan_interface, member) &&                         \
                       sizeof(((struct vchan_interface *)0)->member) ==                            \
                           sizeof(((struct xen_vchan_interface *)0)->member),                      \
                   #member " is as in libxenvchan.h")
SAME(left);
SAME(left.cons);
SAME(left.prod);
SAME(right);
SAME(left_order);
SAME(right_order);
SAME(cli_live);
SAME(srv_live);
SAME(cli_notify);
SAME(srv_notify);
_Static_assert(offsetof(struct vchan_interface, grants) ==
                   offsetof(struct xen_vchan_interface, grants),
               "grants is as in libxenvchan.h");
_Static_assert(VCHAN_NOTIFY_WRITE == 1 && VCHAN_NOTIFY_READ == 2, "the bits are as in this test");

#define GUARD 64

/* Both ends of one vchan, each ring with guards around it. */
struct pair {
    struct vchan_layout layout;
    struct vchan_interface *page;
    uint8_t *left, *right;
    struct vchan_end server, client;
};

static struct error err;

static uint8_t *guarded(uint32_t size)
{
    uint8_t *bytes = malloc(size + 2 * GUARD);

    memset(bytes, 0xa5, size + 2 * GUARD);
    return bytes + GUARD;
}

static void check_guards(uint8_t *bytes, uint32_t size)
{
    for (uint32_t i = 0; i < GUARD; i++)
        require(bytes[-1 - (int)i] == 0xa5 && bytes[size + i] == 0xa5,
                "a byte outside of the ring was touched");
    free(bytes - GUARD);
}

static void make_pair(struct pair *pair, uint32_t left, uint32_t right, uint32_t index)
{
    require(vchan_ring_layout(left, right, &pair->layout, &err), "%s", err.text);
    pair->page = (struct vchan_interface *)guarded(VCHAN_PAGE_SIZE);
    pair->left = pair->layout.left.pages ? guarded(pair->layout.left.size) : NULL;
    pair->right = pair->layout.right.pages ? guarded(pair->layout.right.size) : NULL;
    vchan_ring_serve(&pair->server, pair->page, &pair->layout, pair->left, pair->right);
    pair->page->left.cons = pair->page->left.prod = index;
    pair->page->right.cons = pair->page->right.prod = index;
    pair->server.in.index = pair->server.out.index = index;
    require(
        vchan_ring_join(&pair->client, pair->page, &pair->layout, pair->left, pair->right, &err),
        "%s", err.text);
}

static void free_pair(struct pair *pair)
{
    check_guards((uint8_t *)pair->page, VCHAN_PAGE_SIZE);
    if (pair->left)
        check_guards(pair->left, pair->layout.left.size);
    if (pair->right)
        check_guards(pair->right, pair->layout.right.size);
}

static uint32_t space(struct vchan_end *end)
{
    uint32_t bytes;

    require(vchan_ring_space(end, &bytes, &err), "%s", err.text);
    return bytes;
}

static uint32_t ready(struct vchan_end *end)
{
    uint32_t bytes;

    require(vchan_ring_ready(end, &bytes, &err), "%s", err.text);
    return bytes;
}

/* ---- Layout ---- */

static bool list_hits(const struct vchan_place *place, uint32_t grants)
{
    return place->offset != 0 && 24 + 4 * grants > place->offset;
}

static void test_layout(void **unused)
{
    for (uint32_t left = 0; left < 40; left++)
        for (uint32_t right = 0; right < 40; right++) {
            struct vchan_layout layout;
            bool made = vchan_ring_layout(left, right, &layout, &err);
            bool in_range = left >= 10 && left <= 20 && right >= 10 && right <= 20;
            uint32_t left_pages = left >= 12 ? 1u << ((left - 12) & 31) : 0;
            uint32_t right_pages = right >= 12 ? 1u << ((right - 12) & 31) : 0;
            struct vchan_place l = {.offset = left == 10 ? 1024 : left == 11 ? 2048 : 0};
            struct vchan_place r = {.offset = right == 10 ? 1024 : right == 11 ? 2048 : 0};
            bool good = in_range && !(left == right && left < 12) &&
                        !list_hits(&l, left_pages + right_pages) &&
                        !list_hits(&r, left_pages + right_pages);

            require(made == good, "orders %u, %u: %s", left, right, made ? "accepted" : err.text);
            if (!made) {
                assert_int_equal(err.code, XEN_EINVAL);
                continue;
            }
            require(layout.left.size == 1u << left && layout.right.size == 1u << right &&
                        layout.left.offset == l.offset && layout.right.offset == r.offset &&
                        layout.left.pages == left_pages && layout.right.pages == right_pages &&
                        layout.left.first == 0 && layout.right.first == left_pages,
                    "orders %u, %u: another layout", left, right);
            require(left_pages + right_pages <= VCHAN_GRANTS_MOST, "too many references");
        }
}

/* What libxenvchan_server_init() and libxenvchan_client_init() leave in the page. */
static void test_page(void **unused)
{
    struct vchan_layout layout;
    struct vchan_interface *page = malloc(VCHAN_PAGE_SIZE);
    struct vchan_end server, client;
    uint32_t left, right;

    memset(page, 0xff, VCHAN_PAGE_SIZE);
    assert_true(vchan_ring_layout(10, 11, &layout, &err));
    vchan_ring_serve(&server, page, &layout, NULL, NULL);
    vchan_ring_orders(page, &left, &right);
    assert_int_equal(left, 10);
    assert_int_equal(right, 11);
    assert_int_equal(page->cli_live, 2);
    assert_int_equal(page->srv_live, 1);
    assert_int_equal(page->cli_notify, VCHAN_NOTIFY_WRITE);
    assert_int_equal(page->srv_notify, 0);
    assert_int_equal(page->left.prod | page->left.cons | page->right.prod | page->right.cons, 0);

    assert_true(vchan_ring_join(&client, page, &layout, NULL, NULL, &err));
    assert_int_equal(page->cli_live, 1);
    assert_int_equal(page->srv_notify, VCHAN_NOTIFY_WRITE);
    assert_ptr_equal(client.out.bytes, (uint8_t *)page + 1024);
    assert_ptr_equal(client.out.bytes, server.in.bytes);
    assert_ptr_equal(client.in.bytes, (uint8_t *)page + 2048);
    assert_ptr_equal(client.in.bytes, server.out.bytes);
    free(page);
}

/* ---- Streams ---- */

/* Numbers through a ring, in pieces of all sizes, both ways, over the end of ring and index. */
static void stream(uint32_t left, uint32_t right, uint32_t index)
{
    struct pair pair;
    uint64_t random = 1 + left * 100 + right;

    make_pair(&pair, left, right, index);
    for (int way = 0; way < 2; way++) {
        struct vchan_end *from = way ? &pair.server : &pair.client;
        struct vchan_end *to = way ? &pair.client : &pair.server;
        uint32_t size = from->out.size, written = 0, read = 0, wanted = 5 * size;
        uint8_t *buffer = malloc(size + 1);

        assert_int_equal(space(from), size);
        while (read < wanted) {
            uint32_t piece = (uint32_t)(test_random(&random) % (size + 2)), done;
            bool in_place = test_random(&random) & 1;

            if (piece > wanted - written)
                piece = wanted - written;
            if (in_place) {
                uint8_t *at = vchan_ring_reserve(from, &done);

                done = done < piece ? done : piece;
                for (uint32_t i = 0; i < done; i++)
                    at[i] = (uint8_t)((written + i) * 7);
            } else {
                for (uint32_t i = 0; i < piece && i <= size; i++)
                    buffer[i] = (uint8_t)((written + i) * 7);
                done = vchan_ring_put(from, buffer, piece);
                require(done == (piece < space(from) ? piece : space(from)), "put %u", done);
            }
            vchan_ring_commit(from, done);
            written += done;
            require(ready(to) == written - read, "%u ready", ready(to));

            piece = (uint32_t)(test_random(&random) % (size + 2));
            if (in_place) {
                const uint8_t *at = vchan_ring_peek(to, &done);

                done = done < piece ? done : piece;
                memcpy(buffer, at, done);
            } else {
                done = vchan_ring_get(to, buffer, piece < size ? piece : size);
            }
            for (uint32_t i = 0; i < done; i++)
                require(buffer[i] == (uint8_t)((read + i) * 7), "byte %u is wrong", read + i);
            vchan_ring_consume(to, done);
            read += done;
            require(space(from) == size - (written - read), "%u free", space(from));
        }
        free(buffer);
    }
    free_pair(&pair);
}

static void test_streams(void **unused)
{
    static const uint8_t orders[][2] = {{10, 11}, {11, 10}, {10, 12}, {12, 11}, {12, 12}, {13, 16}};
    static const uint32_t starts[] = {0, 1023, 0xfffff800, 0xffffffff};

    for (size_t i = 0; i < COUNT(orders); i++)
        for (size_t j = 0; j < COUNT(starts); j++)
            stream(orders[i][0], orders[i][1], starts[j]);
    stream(20, 20, 0xfff7ffff);
}

/* What is handed over is cut to what there is. */
static void test_too_much(void **unused)
{
    struct pair pair;
    uint32_t size;

    make_pair(&pair, 10, 11, 0);
    vchan_ring_commit(&pair.client, 5000);
    assert_int_equal(pair.page->left.prod, 1024);
    assert_int_equal(space(&pair.client), 0);
    assert_non_null(vchan_ring_reserve(&pair.client, &size));
    assert_int_equal(size, 0);
    vchan_ring_consume(&pair.server, 1); /* it has not looked yet */
    assert_int_equal(pair.page->left.cons, 0);
    assert_int_equal(ready(&pair.server), 1024);
    vchan_ring_consume(&pair.server, 5000);
    assert_int_equal(pair.page->left.cons, 1024);
    free_pair(&pair);
}

/* ---- Events ---- */

static void test_events(void **unused)
{
    struct pair pair;

    make_pair(&pair, 10, 11, 0);
    pair.page->cli_notify = pair.page->srv_notify = 0;
    vchan_ring_ask(&pair.server, VCHAN_NOTIFY_READ);
    assert_int_equal(pair.page->cli_notify, VCHAN_NOTIFY_READ);
    assert_int_equal(pair.page->srv_notify, 0);
    vchan_ring_ask(&pair.client, VCHAN_NOTIFY_WRITE);
    vchan_ring_ask(&pair.client, VCHAN_NOTIFY_READ);
    assert_int_equal(pair.page->srv_notify, VCHAN_NOTIFY_WRITE | VCHAN_NOTIFY_READ);

    assert_false(vchan_ring_asked(&pair.client, VCHAN_NOTIFY_WRITE));
    assert_true(vchan_ring_asked(&pair.client, VCHAN_NOTIFY_READ));
    assert_false(vchan_ring_asked(&pair.client, VCHAN_NOTIFY_READ));
    assert_true(vchan_ring_asked(&pair.server, VCHAN_NOTIFY_READ));
    assert_int_equal(pair.page->srv_notify, VCHAN_NOTIFY_WRITE);
    assert_true(vchan_ring_asked(&pair.server, VCHAN_NOTIFY_READ | VCHAN_NOTIFY_WRITE));
    assert_int_equal(pair.page->srv_notify, 0);
    free_pair(&pair);
}

/* ---- Peers ---- */

static void test_live_flags(void **unused)
{
    static const struct {
        bool server, met;
        uint8_t live;
        int code; /* 0: fine */
        bool open;
    } cases[] = {
        {true, false, 2, 0, false},
        {true, false, 1, 0, true},
        {true, false, 0, XEN_ENOTCONN, false},
        {true, false, 3, XEN_EBADMSG, false},
        {true, false, 255, XEN_EBADMSG, false},
        {true, true, 1, 0, true},
        {true, true, 2, XEN_EBADMSG, false},
        {true, true, 0, XEN_ENOTCONN, false},
        {false, true, 1, 0, true},
        {false, true, 0, XEN_ENOTCONN, false},
        {false, true, 2, XEN_EBADMSG, false},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pair pair;
        struct vchan_end *end;
        bool open = !cases[i].open, good;

        make_pair(&pair, 10, 11, 0);
        end = cases[i].server ? &pair.server : &pair.client;
        end->met = cases[i].met;
        pair.page->cli_live = pair.page->srv_live = cases[i].live;
        err.code = 0;
        good = vchan_ring_peer(end, &open, &err);
        require(good == !cases[i].code && err.code == cases[i].code, "case %zu: %d %s", i, err.code,
                err.text);
        require(!good || open == cases[i].open, "case %zu: open is %d", i, open);
        free_pair(&pair);
    }
}

static void test_close(void **unused)
{
    struct pair pair;
    bool open;

    make_pair(&pair, 10, 11, 0);
    assert_true(vchan_ring_peer(&pair.server, &open, &err) && open);
    vchan_ring_commit(&pair.client, 3);
    vchan_ring_close(&pair.client);
    assert_int_equal(pair.page->cli_live, 0);
    assert_int_equal(pair.page->srv_live, 1);
    assert_false(vchan_ring_peer(&pair.server, &open, &err));
    assert_int_equal(err.code, XEN_ENOTCONN);
    assert_int_equal(ready(&pair.server), 3);
    vchan_ring_close(&pair.server);
    assert_int_equal(pair.page->srv_live, 0);
    assert_false(vchan_ring_join(&pair.client, pair.page, &pair.layout, NULL, NULL, &err));
    assert_int_equal(err.code, XEN_ENOTCONN);
    assert_int_equal(pair.page->cli_live, 0);
    free_pair(&pair);
}

/* A ring of 1024 bytes whose indices were 600 and 1000: what the other end may say next. */
static void test_hostile_indices(void **unused)
{
    static const struct {
        uint32_t index;
        const char *prod, *cons; /* what is said about it; NULL: fine */
    } cases[] = {
        {600, "backwards in", NULL},
        {601, "backwards in", NULL},
        {999, "backwards in", NULL},
        {1000, NULL, NULL},
        {1001, NULL, "beyond"},
        {1624, NULL, "beyond"},
        {1625, "beyond", "beyond"},
        {599, "backwards in", "backwards in"},
        {0, "backwards in", "backwards in"},
        {0x7fffffff, "beyond", "beyond"},
        {0x80000000, "beyond", "beyond"},
        {0xffffffff, "backwards in", "backwards in"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pair pair;

        for (int way = 0; way < 2; way++) {
            const char *wrong = way ? cases[i].cons : cases[i].prod;
            uint32_t bytes = 77;
            bool good;

            make_pair(&pair, 10, 11, 600);
            vchan_ring_commit(&pair.client, 400);
            assert_int_equal(ready(&pair.server), 400);
            if (way)
                pair.page->left.cons = cases[i].index;
            else
                pair.page->left.prod = cases[i].index;
            good = way ? vchan_ring_space(&pair.client, &bytes, &err)
                       : vchan_ring_ready(&pair.server, &bytes, &err);
            require(good == !wrong, "index %u: %s", cases[i].index, good ? "accepted" : err.text);
            if (wrong) {
                assert_int_equal(err.code, XEN_EBADMSG);
                require(strstr(err.text, wrong), "index %u: '%s' does not say %s", cases[i].index,
                        err.text, wrong);
                assert_int_equal(bytes, 77);
            } else {
                assert_int_equal(bytes,
                                 way ? 1024 - (1000 - cases[i].index) : cases[i].index - 600);
            }
            free_pair(&pair);
        }
    }
}

/* Our own index in the page is only told: what stands there is never believed. */
static void test_own_index(void **unused)
{
    struct pair pair;

    make_pair(&pair, 10, 11, 0);
    vchan_ring_commit(&pair.client, 10);
    pair.page->left.prod = 0x12345678;
    assert_int_equal(space(&pair.client), 1014);
    vchan_ring_commit(&pair.client, 10);
    assert_int_equal(pair.page->left.prod, 20);
    assert_int_equal(ready(&pair.server), 20);
    pair.page->left.cons = 0x12345678;
    assert_int_equal(ready(&pair.server), 20);
    vchan_ring_consume(&pair.server, 20);
    assert_int_equal(pair.page->left.cons, 20);
    free_pair(&pair);
}

/* A server that went on after another client may have any indices, but not too far apart. */
static void test_take_over(void **unused)
{
    struct pair pair;
    struct vchan_end again;

    make_pair(&pair, 10, 11, 0xfffffff0);
    vchan_ring_commit(&pair.client, 100);
    vchan_ring_commit(&pair.server, 200);
    assert_true(vchan_ring_join(&again, pair.page, &pair.layout, NULL, NULL, &err));
    assert_int_equal(space(&again), 924);
    assert_int_equal(ready(&again), 200);
    pair.page->right.prod = pair.page->right.cons + 2049;
    assert_false(vchan_ring_join(&again, pair.page, &pair.layout, NULL, NULL, &err));
    assert_int_equal(err.code, XEN_EBADMSG);
    require(strstr(err.text, "right ring"), "%s", err.text);
    free_pair(&pair);
}

/* ---- Two threads ---- */

#define STREAM_BYTES (8u << 20)

/* An event channel: an event is pending or not, and several count as one. */
struct channel {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool pending;
    unsigned int events, waits;
};

static void channel_send(struct channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    channel->pending = true;
    channel->events++;
    pthread_cond_signal(&channel->changed);
    pthread_mutex_unlock(&channel->lock);
}

/* A lost wake-up ends here: nobody waits longer than this. */
static void channel_wait(struct channel *channel, const char *who)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 60;
    pthread_mutex_lock(&channel->lock);
    channel->waits++;
    while (!channel->pending)
        if (pthread_cond_timedwait(&channel->changed, &channel->lock, &until)) {
            fprintf(stderr, "%s: no event came in 60 s\n", who);
            abort();
        }
    channel->pending = false;
    pthread_mutex_unlock(&channel->lock);
}

struct party {
    struct vchan_end *end;
    struct channel *mine, *other;
    unsigned int chunk;
    bool closed_early;
};

static void *send_stream(void *argument)
{
    struct party *party = argument;
    struct error wrong;
    uint32_t done = 0, bytes, piece;

    while (done < STREAM_BYTES) {
        assert_true(vchan_ring_space(party->end, &bytes, &wrong));
        if (bytes == 0) {
            vchan_ring_ask(party->end, VCHAN_NOTIFY_READ);
            assert_true(vchan_ring_space(party->end, &bytes, &wrong));
            if (bytes == 0) {
                if (vchan_ring_asked(party->end, VCHAN_NOTIFY_WRITE))
                    channel_send(party->other);
                channel_wait(party->mine, "the sender");
                continue;
            }
        }

        uint8_t *at = vchan_ring_reserve(party->end, &piece);

        piece = piece < party->chunk ? piece : party->chunk;
        piece = piece < STREAM_BYTES - done ? piece : STREAM_BYTES - done;
        for (uint32_t i = 0; i < piece; i++)
            at[i] = (uint8_t)((done + i) * 2654435761u >> 24);
        vchan_ring_commit(party->end, piece);
        done += piece;
    }
    vchan_ring_close(party->end);
    channel_send(party->other);
    return NULL;
}

static void *receive_stream(void *argument)
{
    struct party *party = argument;
    struct error wrong;
    uint32_t done = 0, bytes, piece;

    for (;;) {
        bool open, alive = vchan_ring_peer(party->end, &open, &wrong);

        assert_true(vchan_ring_ready(party->end, &bytes, &wrong));
        if (bytes == 0) {
            if (!alive)
                break;
            vchan_ring_ask(party->end, VCHAN_NOTIFY_WRITE);
            assert_true(vchan_ring_ready(party->end, &bytes, &wrong));
            if (bytes == 0) {
                alive = vchan_ring_peer(party->end, &open, &wrong);
                if (vchan_ring_asked(party->end, VCHAN_NOTIFY_READ))
                    channel_send(party->other);
                if (alive)
                    channel_wait(party->mine, "the receiver");
                continue;
            }
        }

        const uint8_t *at = vchan_ring_peek(party->end, &piece);

        piece = piece < party->chunk ? piece : party->chunk;
        for (uint32_t i = 0; i < piece; i++)
            if (at[i] != (uint8_t)((done + i) * 2654435761u >> 24)) {
                fprintf(stderr, "byte %u is wrong\n", done + i);
                abort();
            }
        vchan_ring_consume(party->end, piece);
        done += piece;
    }
    party->closed_early = done != STREAM_BYTES;
    return NULL;
}

static void two_threads(uint32_t left, uint32_t right, unsigned int out, unsigned int in)
{
    struct channel channels[2] = {
        {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, 0, 0},
        {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, 0, 0},
    };
    struct pair pair;
    pthread_t thread;

    make_pair(&pair, left, right, 0xfff00000);

    struct party sender = {&pair.client, &channels[0], &channels[1], out, false};
    struct party receiver = {&pair.server, &channels[1], &channels[0], in, false};

    assert_int_equal(pthread_create(&thread, NULL, send_stream, &sender), 0);
    receive_stream(&receiver);
    pthread_join(thread, NULL);
    require(!receiver.closed_early, "the receiver saw a close before the last byte");
    free_pair(&pair);
}

static void test_two_threads(void **unused)
{
    two_threads(10, 11, 1000, 1000);
    two_threads(12, 11, 4096, 100);
    two_threads(11, 12, 77, 2048);
    two_threads(16, 11, 16384, 16384);
}

/* One thread uses the rings while another changes every byte of the page's head. */
static void *scribble(void *argument)
{
    struct pair *pair = argument;
    uint64_t random = 42;

    while (__atomic_load_n(&pair->page->grants[0], __ATOMIC_RELAXED) == 0) {
        uint64_t r = test_random(&random);
        volatile uint32_t *words = (volatile uint32_t *)pair->page;

        words[r % 6] = r & 0x100 ? (uint32_t)(r >> 32) : words[r >> 12 & 3] + (r >> 16 & 0x7ff);
    }
    return NULL;
}

static void test_changing_page(void **unused)
{
    struct pair pair;
    pthread_t thread;
    uint8_t buffer[2048];
    uint32_t bytes, piece, good = 0;
    bool open;

    make_pair(&pair, 12, 13, 0);
    assert_int_equal(pthread_create(&thread, NULL, scribble, &pair), 0);
    for (uint32_t i = 0; i < 500000; i++) {
        vchan_ring_peer(&pair.server, &open, NULL);
        good += vchan_ring_ready(&pair.server, &bytes, NULL);
        require(pair.server.in.known <= pair.server.in.size, "more is ready than the ring holds");
        piece = vchan_ring_get(&pair.server, buffer, i % sizeof(buffer));
        vchan_ring_consume(&pair.server, piece);
        good += vchan_ring_space(&pair.server, &bytes, NULL);
        require(pair.server.out.known <= pair.server.out.size, "more is free than the ring holds");
        piece = vchan_ring_put(&pair.server, buffer, i % sizeof(buffer));
        vchan_ring_commit(&pair.server, piece);
        vchan_ring_asked(&pair.server, VCHAN_NOTIFY_READ | VCHAN_NOTIFY_WRITE);
    }
    __atomic_store_n(&pair.page->grants[0], 1, __ATOMIC_RELAXED);
    pthread_join(thread, NULL);
    require(good > 0, "nothing was ever believed");
    free_pair(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout),      cmocka_unit_test(test_page),
        cmocka_unit_test(test_streams),     cmocka_unit_test(test_too_much),
        cmocka_unit_test(test_events),      cmocka_unit_test(test_live_flags),
        cmocka_unit_test(test_close),       cmocka_unit_test(test_hostile_indices),
        cmocka_unit_test(test_own_index),   cmocka_unit_test(test_take_over),
        cmocka_unit_test(test_two_threads), cmocka_unit_test(test_changing_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
