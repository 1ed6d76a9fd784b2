/* SPDX-License-Identifier: MIT */
/* Builds the loaders' structures byte by byte, so that they can be wrong. */
#pragma once

#include "boot/info.h"
#include "lib/error.h"
#include "tests/unit/test.h"

struct image {
    unsigned char bytes[65536 * 2];
    size_t size;
};

static inline void put(struct image *image, const void *bytes, size_t size)
{
    require(size <= sizeof(image->bytes) - image->size, "the test's image is too small");
    memcpy(image->bytes + image->size, bytes, size);
    image->size += size;
}

static inline void put_u32(struct image *image, uint32_t value)
{
    put(image, &value, sizeof(value));
}

static inline void put_u64(struct image *image, uint64_t value)
{
    put(image, &value, sizeof(value));
}

static inline void put_fill(struct image *image, int byte, size_t size)
{
    require(size <= sizeof(image->bytes) - image->size, "the test's image is too small");
    memset(image->bytes + image->size, byte, size);
    image->size += size;
}

static inline void set_u32(struct image *image, size_t at, uint32_t value)
{
    memcpy(image->bytes + at, &value, sizeof(value));
}

static inline void set_u64(struct image *image, size_t at, uint64_t value)
{
    memcpy(image->bytes + at, &value, sizeof(value));
}

typedef bool parser(const void *window, uint64_t size, uint64_t start, struct boot_info *out,
                    struct error *err);

/* Parses the first `size` bytes, in memory that ends there and, by `skew`, is not aligned. */
static inline bool parse_cut(parser *parse, const struct image *image, size_t size, size_t skew,
                             uint64_t start, struct boot_info *out, struct error *err)
{
    unsigned char *memory = malloc(size + skew), *exact = memory + skew;
    bool good;

    memcpy(exact, image->bytes, size);
    memset(out, 0xaa, sizeof(*out));
    memset(err, '?', sizeof(*err));
    good = parse(exact, size, start, out, err);
    free(memory);

    assert_true(strnlen(out->cmdline, sizeof(out->cmdline)) < sizeof(out->cmdline));
    assert_true(strnlen(out->loader, sizeof(out->loader)) < sizeof(out->loader));
    assert_true(out->memory_count <= BOOT_MEMORY_MAX);
    if (!good)
        assert_true(strnlen(err->text, sizeof(err->text)) < sizeof(err->text));
    return good;
}

static inline void assert_memory(const struct boot_info *info, const struct boot_memory *map,
                                 size_t count)
{
    assert_int_equal(info->memory_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(info->memory[i].base, map[i].base);
        assert_int_equal(info->memory[i].size, map[i].size);
        assert_int_equal(info->memory[i].type, map[i].type);
    }
}

/* The test's own parse() must fail with the reason that the format and its arguments give. */
#define assert_bad(...)                                                                            \
    do {                                                                                           \
        char wanted[ERROR_SIZE];                                                                   \
                                                                                                   \
        snprintf(wanted, sizeof(wanted), __VA_ARGS__);                                             \
        assert_false(parse());                                                                     \
        assert_string_equal(err.text, wanted);                                                     \
    } while (0)
