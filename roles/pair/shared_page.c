/* SPDX-License-Identifier: MIT */
#include "roles/pair/shared_page.h"

#include "lib/crc32c.h"
#include "lib/string.h"

static uint32_t crc_of(const struct shared_page *page)
{
    return crc32c(crc32c(0, page, offsetof(struct shared_page, crc)), page->message, page->length);
}

void shared_page_fill(struct shared_page *page, uint64_t sequence, uint64_t count,
                      const char *message, uint32_t length)
{
    page->magic = SHARED_PAGE_MAGIC;
    page->version = SHARED_PAGE_VERSION;
    page->sequence = sequence;
    page->count = count;
    page->length = length;
    memcpy(page->message, message, length);
    page->crc = crc_of(page);
}

bool shared_page_check(const struct shared_page *copy, struct error *err)
{
    if (copy->magic != SHARED_PAGE_MAGIC)
        return fail(err, XEN_EINVAL, "the page's magic is 0x%08x, expected 0x%08x", copy->magic,
                    SHARED_PAGE_MAGIC);
    if (copy->version != SHARED_PAGE_VERSION)
        return fail(err, XEN_EINVAL, "the page's format version is %u, expected %u", copy->version,
                    SHARED_PAGE_VERSION);
    if (copy->length > sizeof(copy->message))
        return fail(err, XEN_EINVAL, "the page's message has %u bytes, expected at most %zu",
                    copy->length, sizeof(copy->message));
    if (copy->crc != crc_of(copy))
        return fail(err, XEN_EINVAL, "the page's CRC is 0x%08x, expected 0x%08x", copy->crc,
                    crc_of(copy));
    if (copy->count < 1 || copy->count > SHARED_PAGE_ROUNDS)
        return fail(err, XEN_EINVAL, "the page's count of rounds is %lu, expected from 1 to %u",
                    copy->count, SHARED_PAGE_ROUNDS);
    if (copy->sequence < 1 || copy->sequence > copy->count)
        return fail(err, XEN_EINVAL, "the page's sequence is %lu of %lu, expected from 1 to that",
                    copy->sequence, copy->count);
    return true;
}
