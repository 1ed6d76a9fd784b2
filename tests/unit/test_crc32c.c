/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "lib/crc32c.h"

/* RFC 3720, B.4. */
static void test_known(void **unused)
{
    uint8_t bytes[32] = {0};

    assert_int_equal(crc32c(0, bytes, 32), 0x8a9136aau);
    memset(bytes, 0xff, 32);
    assert_int_equal(crc32c(0, bytes, 32), 0x62a8ab43u);
    for (int i = 0; i < 32; i++)
        bytes[i] = (uint8_t)i;
    assert_int_equal(crc32c(0, bytes, 32), 0x46dd794eu);
    assert_int_equal(crc32c(crc32c(0, bytes, 5), bytes + 5, 27), 0x46dd794eu);
}

/* Each entry of the table, against a bit at a time. */
static void test_each_byte(void **unused)
{
    for (unsigned int i = 0; i < 256; i++) {
        uint8_t byte = (uint8_t)i;
        uint32_t crc = ~0u ^ byte;

        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
        require(crc32c(0, &byte, 1) == ~crc, "byte %u", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_each_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
