/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "roles/stream/content.h"

#define SIZE 300u

/* Any piece of the stream is the same bytes, wherever it begins. */
static void test_pieces(void **unused)
{
    uint8_t whole[SIZE], piece[SIZE];
    uint64_t wrong = 0;

    content_fill(7, 1000, whole, SIZE);
    for (uint32_t from = 0; from < 40; from++)
        for (uint32_t size = 0; from + size <= SIZE; size += 7) {
            memset(piece, 0xa5, SIZE);
            content_fill(7, 1000 + from, piece, size);
            require(!memcmp(piece, whole + from, size), "%u bytes from %u on", size, from);
            require(size == SIZE || piece[size] == 0xa5, "it writes behind %u bytes", size);
            assert_true(content_check(7, 1000 + from, piece, size, &wrong));
        }
}

static void test_each_wrong_byte_is_found(void **unused)
{
    uint8_t bytes[SIZE];
    uint64_t wrong;

    for (uint32_t position = 0; position < 20; position++)
        for (uint32_t at = 0; at < 100; at++) {
            content_fill(1, position, bytes, 100);
            bytes[at] ^= 0x10;
            assert_false(content_check(1, position, bytes, 100, &wrong));
            assert_int_equal(wrong, position + at);
        }
}

static void test_seeds_differ(void **unused)
{
    uint8_t one[SIZE], other[SIZE];
    uint32_t same = 0;

    content_fill(1, 0, one, SIZE);
    content_fill(2, 0, other, SIZE);
    for (uint32_t i = 0; i < SIZE; i++)
        same += one[i] == other[i];
    require(same < SIZE / 10, "%u of %u bytes are the same", same, SIZE);
}

static void test_packets(void **unused)
{
    bool seen[33] = {false};

    for (uint64_t number = 0; number < 2000; number++) {
        uint32_t length = content_packet(3, number, 32);

        require(length >= 1 && length <= 32, "packet %lu has %u bytes", number, length);
        seen[length] = true;
        assert_int_equal(content_packet(3, number, 1), 1);
    }
    for (uint32_t length = 1; length <= 32; length++)
        require(seen[length], "no packet of %u bytes", length);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_each_wrong_byte_is_found),
        cmocka_unit_test(test_seeds_differ),
        cmocka_unit_test(test_packets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
