/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "lib/crc32c.h"
#include "roles/pair/shared_page.h"

/* RFC 3720, appendix B.4, and the check value of the CRC catalogues. */
static void crc_known_values(void **state)
{
    uint8_t bytes[32];

    (void)state;
    assert_int_equal(crc32c(0, "", 0), 0);
    assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
    memset(bytes, 0, sizeof(bytes));
    assert_int_equal(crc32c(0, bytes, sizeof(bytes)), 0x8a9136aa);
    memset(bytes, 0xff, sizeof(bytes));
    assert_int_equal(crc32c(0, bytes, sizeof(bytes)), 0x62a8ab43);
    for (uint8_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = i;
    assert_int_equal(crc32c(0, bytes, sizeof(bytes)), 0x46dd794e);
}

static void crc_goes_on_from_another(void **state)
{
    (void)state;
    for (size_t i = 0; i <= 9; i++)
        assert_int_equal(crc32c(crc32c(0, "123456789", i), "123456789" + i, 9 - i), 0xe3069283);
}

static void good_page(struct shared_page *page)
{
    memset(page, 0xaa, sizeof(*page));
    shared_page_fill(page, 3, 5, "hello", 5);
}

static void what_is_filled_passes(void **state)
{
    static const uint32_t lengths[] = {0, 1, 5, 4063, 4064};
    static char text[4064];
    struct shared_page page;
    struct error err;

    (void)state;
    memset(text, 'x', sizeof(text));
    for (size_t i = 0; i < COUNT(lengths); i++) {
        memset(&page, 0xaa, sizeof(page));
        shared_page_fill(&page, 1, 1, text, lengths[i]);
        require(shared_page_check(&page, &err), "length %u: %s", lengths[i], err.text);
        assert_memory_equal(page.message, text, lengths[i]);
    }
    good_page(&page);
    assert_true(shared_page_check(&page, &err));
    assert_memory_equal(&page, "Xeno\1\0\0\0\3\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0\5\0\0\0", 28);
}

static void refused(const struct shared_page *page, const char *text)
{
    struct error err;

    require(!shared_page_check(page, &err), "passed; expected: %s", text);
    require(!strncmp(err.text, text, strlen(text)), "\"%s\", expected \"%s\"", err.text, text);
}

/* As a hostile writer would have it: the CRC is right, the field is not. */
static void sign(struct shared_page *page)
{
    page->crc = crc32c(crc32c(0, page, 28), page->message, page->length);
}

/* The same, of a page whose CRC is right. */
static void refused_signed(struct shared_page *page, const char *text)
{
    sign(page);
    refused(page, text);
}

static void each_field_is_checked(void **state)
{
    struct shared_page page;

    (void)state;
    good_page(&page);
    page.magic ^= 1;
    refused_signed(&page, "the page's magic is 0x6f6e6559, expected 0x6f6e6558");

    good_page(&page);
    page.version = 2;
    refused_signed(&page, "the page's format version is 2, expected 1");

    good_page(&page);
    page.length = 4065;
    refused(&page, "the page's message has 4065 bytes, expected at most 4064");
    page.length = 0xffffffff;
    refused(&page, "the page's message has 4294967295 bytes");

    good_page(&page);
    page.crc ^= 0x80000000;
    refused(&page, "the page's CRC is 0x");

    good_page(&page);
    page.sequence = 0;
    refused_signed(&page, "the page's sequence is 0 of 5");
    page.sequence = 6;
    refused_signed(&page, "the page's sequence is 6 of 5");

    good_page(&page);
    page.count = 0;
    refused_signed(&page, "the page's count of rounds is 0, expected from 1 to 1000000");
    page.count = 1000001;
    refused_signed(&page, "the page's count of rounds is 1000001, expected from 1 to 1000000");
    page.count = page.sequence = 1000000;
    sign(&page);
    assert_true(shared_page_check(&page, &(struct error){0}));
}

/* Every bit of what counts; behind the message nothing does. */
static void every_flipped_bit_is_found(void **state)
{
    struct shared_page page;
    struct error err;

    (void)state;
    for (size_t bit = 0; bit < (32 + 5 + 1) * 8; bit++) {
        good_page(&page);
        ((uint8_t *)&page)[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(shared_page_check(&page, &err), bit >= (32 + 5) * 8);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc_known_values),           cmocka_unit_test(crc_goes_on_from_another),
        cmocka_unit_test(what_is_filled_passes),      cmocka_unit_test(each_field_is_checked),
        cmocka_unit_test(every_flipped_bit_is_found),
    };

    return cmocka_run_group_tests_name("shared_page", tests, NULL, NULL);
}
