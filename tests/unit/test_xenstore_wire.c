/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "lib/number.h"
#include "xen/xenstore_wire.h"

static struct xenstore_interface ring;
static struct xenstore_message message;
static struct error err;

/* An empty ring whose indices are about to wrap, or not. */
static void start(uint32_t index)
{
    memset(&ring, 0xaa, sizeof(ring));
    ring.req_cons = ring.req_prod = ring.rsp_cons = ring.rsp_prod = index;
    memset(&message, 0, sizeof(message));
    memset(&err, '?', sizeof(err));
}

/* What xenstored does. */
static void answer(const void *bytes, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        ring.rsp[ring.rsp_prod++ % sizeof(ring.rsp)] = ((const char *)bytes)[i];
}

static void answer_header(uint32_t type, uint32_t id, uint32_t transaction, uint32_t length)
{
    struct xsd_sockmsg header = {type, id, transaction, length};

    answer(&header, sizeof(header));
}

static void answer_whole(uint32_t type, uint32_t id, uint32_t transaction, const char *payload,
                         uint32_t length)
{
    answer_header(type, id, transaction, length);
    answer(payload, length);
}

static enum { PART, WHOLE, BAD } get(void)
{
    bool whole;

    return !xenstore_ring_get(&ring, &message, &whole, &err) ? BAD : whole ? WHOLE : PART;
}

static const uint32_t indices[] = {0, 1, 1000, 1023, 1024, 0xfffffff0, 0xfffffc01, 0xffffffff};

static void put_fills_the_ring_and_no_more(void **state)
{
    char bytes[3000];
    uint32_t done;

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 7);
    for (size_t i = 0; i < COUNT(indices); i++) {
        start(indices[i]);
        assert_true(xenstore_ring_put(&ring, bytes, 100, &done, &err));
        assert_int_equal(done, 100);
        assert_int_equal(ring.req_prod, indices[i] + 100);
        assert_true(xenstore_ring_put(&ring, bytes + 100, 2900, &done, &err));
        assert_int_equal(done, 924);
        assert_true(xenstore_ring_put(&ring, bytes + 1024, 1, &done, &err));
        assert_int_equal(done, 0);
        for (uint32_t at = 0; at < 1024; at++)
            assert_int_equal(ring.req[(indices[i] + at) % 1024], bytes[at]);
        ring.req_cons += 10;
        assert_true(xenstore_ring_put(&ring, bytes, 20, &done, &err));
        assert_int_equal(done, 10);
    }
}

static void impossible_indices_are_refused(void **state)
{
    static const uint32_t ahead[] = {1025, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff};
    uint32_t done;

    (void)state;
    for (size_t i = 0; i < COUNT(ahead); i++) {
        start(5);
        ring.req_cons = ring.req_prod - ahead[i];
        assert_false(xenstore_ring_put(&ring, "x", 1, &done, &err));
        assert_int_equal(done, 0);
        assert_non_null(strstr(err.text, "the xenstore request ring says"));
        start(5);
        ring.rsp_prod = ring.rsp_cons + ahead[i];
        assert_int_equal(get(), BAD);
        assert_non_null(strstr(err.text, "the xenstore reply ring says"));
    }
}

static void a_message_may_come_in_any_pieces(void **state)
{
    static const char payload[] = "some payload";
    struct xsd_sockmsg header = {XS_READ, 7, 9, sizeof(payload)};
    char bytes[sizeof(header) + sizeof(payload)];

    (void)state;
    memcpy(bytes, &header, sizeof(header));
    memcpy(bytes + sizeof(header), payload, sizeof(payload));
    for (size_t i = 0; i < COUNT(indices); i++) {
        for (uint32_t piece = 1; piece <= sizeof(bytes); piece++) {
            start(indices[i]);
            for (uint32_t at = 0; at < sizeof(bytes); at += piece) {
                uint32_t size = (uint32_t)sizeof(bytes) - at;
                bool last = size <= piece;

                answer(bytes + at, last ? size : piece);
                assert_int_equal(get(), last ? WHOLE : PART);
                assert_int_equal(ring.rsp_cons, ring.rsp_prod);
            }
            assert_memory_equal(&message.header, &header, sizeof(header));
            assert_memory_equal(message.payload, payload, sizeof(payload));
            assert_int_equal(message.payload[sizeof(payload)], '\0');
        }
    }
}

static void two_messages_stay_apart(void **state)
{
    (void)state;
    start(0xffffffe0);
    answer_whole(XS_WATCH_EVENT, 0, 0, "a\0b", 4);
    answer_whole(XS_READ, 1, 0, "", 0);
    assert_int_equal(get(), WHOLE);
    assert_int_equal(message.header.type, XS_WATCH_EVENT);
    message.have = 0;
    assert_int_equal(get(), WHOLE);
    assert_int_equal(message.header.type, XS_READ);
    assert_string_equal(message.payload, "");
    message.have = 0;
    assert_int_equal(get(), PART);
}

static void payload_sizes(void **state)
{
    static const uint32_t too_long[] = {4097, 65536, 0x7fffffff, 0xffffffff, 0xfffffff0};
    static char bytes[1024];
    uint32_t left = 4096;

    (void)state;
    memset(bytes, 'x', sizeof(bytes));
    start(3);
    answer_header(XS_READ, 1, 0, left);
    while (left > 0) {
        assert_int_equal(get(), PART);
        answer(bytes, sizeof(bytes));
        left -= (uint32_t)sizeof(bytes);
    }
    assert_int_equal(get(), WHOLE);
    assert_int_equal(strlen(message.payload), 4096);

    for (size_t i = 0; i < COUNT(too_long); i++) {
        start(3);
        answer_header(XS_READ, 1, 0, too_long[i]);
        assert_int_equal(get(), BAD);
        assert_non_null(strstr(err.text, "expected at most 4096"));
    }
}

static void answers_and_what_are_none(void **state)
{
    static const struct {
        uint32_t type, id, transaction;
        bool good;
    } cases[] = {
        {XS_READ, 5, 2, true},   {XS_ERROR, 5, 2, true}, {XS_WRITE, 5, 2, false},
        {XS_READ, 4, 2, false},  {XS_READ, 5, 0, false}, {XS_ERROR, 4, 2, false},
        {XS_ERROR, 5, 3, false}, {99, 5, 2, false},      {XS_WATCH_EVENT, 5, 2, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        start(0);
        answer_whole(cases[i].type, cases[i].id, cases[i].transaction, "", 0);
        assert_int_equal(get(), WHOLE);
        require(xenstore_is_answer(&message, XS_READ, 5, 2, &err) == cases[i].good, "case %zu", i);
    }
}

static void take(uint32_t type, const char *payload, uint32_t length)
{
    start(0);
    answer_whole(type, 1, 0, payload, length);
    assert_int_equal(get(), WHOLE);
}

static void errors_have_numbers_and_words(void **state)
{
    static const struct {
        const char *payload;
        uint32_t length;
        int number;
        const char *err;
    } cases[] = {
        {"ENOENT", 7, XEN_ENOENT, "xenstore: path: ENOENT"},
        {"EACCES", 7, XEN_EACCES, "xenstore: path: EACCES"},
        {"EAGAIN", 6, XEN_EAGAIN, "xenstore: path: EAGAIN"},
        {"EIO", 4, XEN_EIO, "xenstore: path: EIO"},
        {"EQUOTA", 7, XEN_EIO, "xenstore: path: EQUOTA"},
        {"", 0, XEN_EIO, "xenstore: path: "},
        {"\033[31m\n", 6, XEN_EIO, "xenstore: path: \\x1b[31m\\x0a"},
        {"A\0B", 3, XEN_EIO, "xenstore: path: A"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        take(XS_ERROR, cases[i].payload, cases[i].length);
        assert_false(xenstore_error(&message, "path", &err));
        assert_int_equal(err.code, cases[i].number);
        assert_string_equal(err.text, cases[i].err);
    }
}

static void the_ring_says_whether_it_is_served(void **state)
{
    static const struct {
        uint32_t features, connection, error;
        const char *err;
    } cases[] = {
        {0, 0, 0, NULL},
        {3, 0, 0, NULL},
        {1, 0, 9, NULL}, /* the field is not one yet */
        {2, 0, 2, "xenstored ended the connection: error 2 (invalid ring index)"},
        {0xffffffff, 0, 4, "xenstored ended the connection: error 4 (unknown)"},
        {2, 1, 0xffffffff, "xenstored ended the connection: error 4294967295 (unknown)"},
        {0, 1, 0, "the connection to xenstored is lost: its state is 1, expected 0"},
        {3, 7, 0, "the connection to xenstored is lost: its state is 7, expected 0"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        start(0);
        ring.server_features = cases[i].features;
        ring.connection = cases[i].connection;
        ring.error = cases[i].error;
        require(xenstore_ring_connected(&ring, &err) == !cases[i].err, "case %zu", i);
        if (cases[i].err)
            assert_string_equal(err.text, cases[i].err);
    }
}

static void events_have_a_path_and_a_token(void **state)
{
    static const struct {
        const char *payload;
        uint32_t length;
        const char *token;
    } cases[] = {
        {"data/x\0"
         "3",
         9, "3"},
        {"\0", 2, ""},
        {"path\0", 6, ""},
        {"", 0, NULL},
        {"path", 4, NULL},
        {"path", 5, NULL},
        {"p\0tok", 5, NULL},
        {"p\0t\0more", 9, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        take(XS_WATCH_EVENT, cases[i].payload, cases[i].length);

        const char *token = xenstore_event_token(&message);

        require(!token == !cases[i].token, "case %zu: %s", i, token ? token : "none");
        if (token)
            assert_string_equal(token, cases[i].token);
    }
}

static void numbers(void **state)
{
    static const struct {
        const char *text;
        bool good;
        uint32_t value;
    } cases[] = {
        {"5", true, 5},
        {"4000000000", true, 4000000000},
        {"0005", true, 5},
        {"4", false, 0},
        {"4000000001", false, 0},
        {"", false, 0},
        {"-1", false, 0},
        {"+7", false, 0},
        {" 7", false, 0},
        {"7 ", false, 0},
        {"0x10", false, 0},
        {"abc", false, 0},
        {"18446744073709551621", false, 0},
        {"99999999999999999999999999999999999999999999", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint32_t value = 12345;
        bool good = number_parse32(cases[i].text, 5, 4000000000, &value);

        require(good == cases[i].good, "\"%s\"", cases[i].text);
        assert_int_equal(value, good ? cases[i].value : 12345);
    }
}

static void permissions(void **state)
{
    struct xenstore_permission list[3];
    uint32_t count;

    (void)state;
    take(XS_GET_PERMS, "n5\0r0\0b65535", 13);
    assert_true(xenstore_parse_permissions(&message, list, 3, &count, &err));
    assert_int_equal(count, 3);
    assert_int_equal(list[0].access, 'n');
    assert_int_equal(list[0].domid, 5);
    assert_int_equal(list[1].access, 'r');
    assert_int_equal(list[1].domid, 0);
    assert_int_equal(list[2].access, 'b');
    assert_int_equal(list[2].domid, 65535);
    assert_false(xenstore_parse_permissions(&message, list, 2, &count, &err));
    assert_string_equal(err.text, "a node has more than 2 permissions");

    static const struct {
        const char *payload;
        uint32_t length;
    } bad[] = {{"n5", 2}, {"x5", 3}, {"n", 2}, {"n65536", 7}, {"n-1", 4}, {"", 1}, {"n5\0\0", 4}};

    for (size_t i = 0; i < COUNT(bad); i++) {
        take(XS_GET_PERMS, bad[i].payload, bad[i].length);
        require(!xenstore_parse_permissions(&message, list, 3, &count, &err), "case %zu", i);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(put_fills_the_ring_and_no_more),
        cmocka_unit_test(impossible_indices_are_refused),
        cmocka_unit_test(a_message_may_come_in_any_pieces),
        cmocka_unit_test(two_messages_stay_apart),
        cmocka_unit_test(payload_sizes),
        cmocka_unit_test(answers_and_what_are_none),
        cmocka_unit_test(errors_have_numbers_and_words),
        cmocka_unit_test(the_ring_says_whether_it_is_served),
        cmocka_unit_test(events_have_a_path_and_a_token),
        cmocka_unit_test(numbers),
        cmocka_unit_test(permissions),
    };

    return cmocka_run_group_tests_name("store_wire", tests, NULL, NULL);
}
