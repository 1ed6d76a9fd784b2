// SPDX-License-Identifier: MIT
#include "kernel/shared_page.h"

#include "kernel/crc32c.h"
#include "kernel/string.h"

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

bool shared_page_check(const struct shared_page *copy, struct why *why)
{
    if (copy->magic != SHARED_PAGE_MAGIC)
        return why_say(why, "the page's magic is 0x%08x, expected 0x%08x", copy->magic,
                       SHARED_PAGE_MAGIC);
    if (copy->version != SHARED_PAGE_VERSION)
        return why_say(why, "the page's format version is %u, expected %u", copy->version,
                       SHARED_PAGE_VERSION);
    if (copy->length > sizeof(copy->message))
        return why_say(why, "the page's message has %u bytes, expected at most %zu", copy->length,
                       sizeof(copy->message));
    if (copy->crc != crc_of(copy))
        return why_say(why, "the page's CRC is 0x%08x, expected 0x%08x", copy->crc, crc_of(copy));
    if (copy->count < 1 || copy->count > SHARED_PAGE_ROUNDS)
        return why_say(why, "the page's count of rounds is %lu, expected from 1 to %u", copy->count,
                       SHARED_PAGE_ROUNDS);
    if (copy->sequence < 1 || copy->sequence > copy->count)
        return why_say(why, "the page's sequence is %lu of %lu, expected from 1 to that",
                       copy->sequence, copy->count);
    return true;
}
