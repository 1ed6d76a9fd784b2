/* SPDX-License-Identifier: MIT */
#include "boot/mbi.h"

#include <stddef.h>

#include "boot/parse.h"
#include "lib/string.h"

enum tag_type { TAG_END = 0, TAG_CMDLINE = 1, TAG_LOADER = 2, TAG_MEMORY = 6, TAG_KEPT_MAX = 6 };

struct header {
    uint32_t total_size; /* bytes, with this header */
    uint32_t reserved;
};
_Static_assert(sizeof(struct header) == 8, "the tags start 8 bytes in");

struct tag {
    uint32_t type;
    uint32_t size; /* bytes, with this header, without the padding to 8 */
};
_Static_assert(sizeof(struct tag) == 8, "a tag's contents start 8 bytes in");
_Static_assert(offsetof(struct tag, size) == 4, "specification 3.6.1");

struct memory_tag {
    struct tag tag;
    uint32_t entry_size;
    uint32_t entry_version;
};
_Static_assert(sizeof(struct memory_tag) == 16, "the entries start 16 bytes in");
_Static_assert(offsetof(struct memory_tag, entry_size) == 8, "specification 3.6.8");

struct memory_entry {
    uint64_t base;
    uint64_t length;
    uint32_t type;
    uint32_t reserved;
};
_Static_assert(sizeof(struct memory_entry) == 24, "the least entry_size");
_Static_assert(offsetof(struct memory_entry, length) == 8, "specification 3.6.8");
_Static_assert(offsetof(struct memory_entry, type) == 16, "specification 3.6.8");

/* In what follows the window ends where the tag at `at` ends. */

static void read_loader(const struct window *window, uint64_t at, struct boot_info *out)
{
    char name[BOOT_LOADER_MAX + 1]; /* one more than fits `out`: escaping it cuts and says so */
    uint64_t size = window->size - at - sizeof(struct tag);

    if (size > sizeof(name))
        size = sizeof(name);
    window_copy(window, at + sizeof(struct tag), name, size);
    string_escape(out->loader, sizeof(out->loader), name, strnlen(name, size));
}

static bool read_memory(const struct window *window, uint64_t at, struct boot_info *out,
                        struct error *err)
{
    struct memory_tag tag;
    uint64_t size;

    if (!window_copy(window, at, &tag, sizeof(tag)))
        return fail(err, XEN_EINVAL, "the memory map tag is %lu bytes long, expected at least %zu",
                    window->size - at, sizeof(tag));
    if (tag.entry_size < sizeof(struct memory_entry))
        return fail(err, XEN_EINVAL, "the memory map's entry_size is %u, expected at least %zu",
                    tag.entry_size, sizeof(struct memory_entry));
    size = window->size - at - sizeof(tag);
    if (size % tag.entry_size)
        return fail(err, XEN_EINVAL, "the memory map's last entry of %u bytes runs past its tag",
                    tag.entry_size);

    for (at += sizeof(tag); at < window->size; at += tag.entry_size) {
        struct memory_entry entry = {0};

        window_copy(window, at, &entry, sizeof(entry));
        if (!boot_memory_add(out, &(struct boot_memory){entry.base, entry.length, entry.type}, err))
            return false;
    }
    return true;
}

static bool read_tag(const struct window *window, uint64_t at, uint32_t type, struct boot_info *out,
                     struct error *err)
{
    switch (type) {
    case TAG_CMDLINE:
        return window_cmdline(window, at + sizeof(struct tag), out, err);
    case TAG_LOADER:
        read_loader(window, at, out);
        return true;
    case TAG_MEMORY:
        return read_memory(window, at, out, err);
    default:
        return true;
    }
}

static bool tag_is_kept(uint32_t type)
{
    return type == TAG_CMDLINE || type == TAG_LOADER || type == TAG_MEMORY;
}

bool mbi_parse(const void *window, uint64_t size, uint64_t start, struct boot_info *out,
               struct error *err)
{
    struct window all = {(uintptr_t)window, size};
    struct header header;
    bool seen[TAG_KEPT_MAX + 1] = {false};
    uint64_t end;

    memset(out, 0, sizeof(*out));
    out->protocol = "Multiboot2";
    if (start % 8)
        return fail(err, XEN_EINVAL, "the boot information at %#lx is not aligned to 8 bytes",
                    start);
    if (!window_copy(&all, start, &header, sizeof(header)))
        return fail(err, XEN_EINVAL,
                    "the boot information at %#lx starts past %#lx, the end of memory", start,
                    size);
    if (header.total_size < sizeof(header))
        return fail(err, XEN_EINVAL,
                    "the boot information's total_size is %u, expected at least %zu",
                    header.total_size, sizeof(header));
    if (!window_holds(&all, start, header.total_size))
        return fail(err, XEN_EINVAL, "the boot information at %#lx of %u bytes ends past %#lx",
                    start, header.total_size, size);

    end = start + header.total_size;
    for (uint64_t at = start + sizeof(header); at < end && end - at >= sizeof(struct tag);) {
        struct tag tag = {0};
        struct window until_tag_end = all;

        window_copy(&all, at, &tag, sizeof(tag));
        if (tag.size < sizeof(tag))
            return fail(err, XEN_EINVAL, "tag %u at %#lx has size %u, expected at least %zu",
                        tag.type, at, tag.size, sizeof(tag));
        if (tag.size > end - at)
            return fail(err, XEN_EINVAL, "tag %u at %#lx has size %u but only %lu bytes are left",
                        tag.type, at, tag.size, end - at);
        if (tag.type == TAG_END)
            break;
        if (tag_is_kept(tag.type)) {
            if (seen[tag.type])
                return fail(err, XEN_EINVAL, "tag %u comes twice, the second time at %#lx",
                            tag.type, at);
            seen[tag.type] = true;
        }
        until_tag_end.size = at + tag.size;
        if (!read_tag(&until_tag_end, at, tag.type, out, err))
            return false;
        at += ((uint64_t)tag.size + 7) & ~(uint64_t)7;
    }
    return true;
}
