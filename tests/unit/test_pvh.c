/* SPDX-License-Identifier: MIT */
#include "tests/unit/boot_image.h"

#include "boot/pvh.h"

/* Offsets, from the picture in start_info.h and not from its structure. */
enum {
    MAGIC = 0,
    VERSION = 4,
    CMDLINE = 24,
    MAP = 40,
    ENTRIES = 48,
    SIZE = 56,
    SIZE_VERSION_0 = 40
};
#define START_MAGIC 0x336ec578u

static struct image image;
static struct boot_info info;
static struct error err;

static const char cmdline[] = "role=reader peer=2";
static const struct boot_memory map[] = {
    {0, 0x4000000, BOOT_MEMORY_RAM},
    {0xfc000000, 0x9000, 2},
    {0x100000000, 0xffffffff00000000 - 1, BOOT_MEMORY_RAM}, /* the last byte there is but one */
};

/* What the structure's offsets are counted from: Xen puts other things before it. */
#define START 24

static void put_map(const struct boot_memory *entries, size_t count)
{
    set_u64(&image, START + MAP, image.size);
    set_u32(&image, START + ENTRIES, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        put_u64(&image, entries[i].base);
        put_u64(&image, entries[i].size);
        put_u32(&image, entries[i].type);
        put_u32(&image, 0);
    }
}

static void start_image(void)
{
    image.size = 0;
    put_fill(&image, 0xff, START);
    put_fill(&image, 0, SIZE);
    set_u32(&image, START + MAGIC, START_MAGIC);
    set_u32(&image, START + VERSION, 1);
}

static void build_good(void)
{
    start_image();
    put_map(map, COUNT(map));
    set_u64(&image, START + CMDLINE, image.size);
    put(&image, cmdline, sizeof(cmdline));
}

static bool parse(void)
{
    return parse_cut(pvh_parse, &image, image.size, 0, START, &info, &err);
}

static void assert_good(void)
{
    require(parse(), "%s", err.text);
    assert_string_equal(info.cmdline, cmdline);
    assert_string_equal(info.protocol, "PVH");
    assert_string_equal(info.loader, "");
    assert_memory(&info, map, COUNT(map));
}

static void what_xen_passes(void **state)
{
    (void)state;
    build_good();
    assert_good();
}

static void later_versions_are_read_like_1(void **state)
{
    (void)state;
    build_good();
    set_u32(&image, START + VERSION, 2);
    assert_good();
    set_u32(&image, START + VERSION, 0xffffffff);
    assert_good();
}

static void nothing_is_aligned(void **state)
{
    (void)state;
    build_good();
    for (size_t skew = 1; skew < 8; skew++) {
        require(parse_cut(pvh_parse, &image, image.size, skew, START, &info, &err), "%s", err.text);
        assert_string_equal(info.cmdline, cmdline);
        assert_int_equal(info.memory_count, COUNT(map));
    }
}

static void version_0_has_no_memory_map(void **state)
{
    (void)state;
    build_good();
    set_u32(&image, START + VERSION, 0);
    require(parse(), "%s", err.text);
    assert_string_equal(info.cmdline, cmdline);
    assert_int_equal(info.memory_count, 0);

    start_image();
    set_u32(&image, START + VERSION, 0);
    image.size = START + SIZE_VERSION_0; /* where its structure ends */
    require(parse(), "%s", err.text);
    image.size--;
    assert_bad("the start information at 0x18 ends past %#zx, the end of memory", image.size);
}

static void nothing_given(void **state)
{
    (void)state;
    start_image();
    require(parse(), "%s", err.text);
    assert_string_equal(info.cmdline, "");
    assert_int_equal(info.memory_count, 0);
    for (image.size = START + SIZE_VERSION_0; image.size < START + SIZE; image.size++)
        assert_bad("the start information at 0x18 of version 1 ends past %#zx", image.size);
}

static void start_must_lie_in_the_window(void **state)
{
    static const uint64_t starts[] = {0x1000000, 0x8000000000000000, 0xfffffffffffffff8,
                                      UINT64_MAX};

    (void)state;
    build_good();
    for (size_t i = 0; i < COUNT(starts); i++) {
        assert_false(parse_cut(pvh_parse, &image, image.size, 0, starts[i], &info, &err));
        assert_non_null(strstr(err.text, "the end of memory"));
    }
}

static void magic_is_checked(void **state)
{
    static const uint32_t wrong[] = {0, 0x36d76289, START_MAGIC ^ 1, START_MAGIC ^ 0x80000000};

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        build_good();
        set_u32(&image, START + MAGIC, wrong[i]);
        assert_bad("the start information's magic is %#x, expected 0x336ec578", wrong[i]);
    }
}

static void every_truncation(void **state)
{
    (void)state;
    build_good();
    for (size_t size = 0; size < image.size; size++)
        assert_false(parse_cut(pvh_parse, &image, size, 0, START, &info, &err));
}

static void every_word_corrupted(void **state)
{
    static const uint32_t words[] = {
        0, 1, 2, 7, 8, 23, 24, 25, 80, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff,
    };

    (void)state;
    build_good();
    for (size_t at = START; at + 4 <= image.size; at += 4) {
        for (size_t i = 0; i < COUNT(words); i++) {
            build_good();
            set_u32(&image, at, words[i]);
            parse(); /* parse_cut checks what must hold either way */
        }
    }
}

static void command_line_address_is_checked(void **state)
{
    (void)state;
    build_good();
    image.size--; /* without its NUL, at the very end of the window */
    assert_bad("the command line at %#zx is not terminated before %#zx",
               image.size + 1 - sizeof(cmdline), image.size);
    assert_string_equal(info.cmdline, "");

    for (uint64_t at = 0; at < 64; at++) {
        build_good();
        set_u64(&image, START + CMDLINE, UINT64_MAX - at);
        assert_bad("the command line at %#lx is not terminated before %#zx", UINT64_MAX - at,
                   image.size);
        set_u64(&image, START + CMDLINE, image.size + at);
        assert_bad("the command line at %#lx is not terminated before %#zx", image.size + at,
                   image.size);
    }
}

static void command_line_length_is_checked(void **state)
{
    static const size_t lengths[] = {0, 1, BOOT_CMDLINE_MAX, BOOT_CMDLINE_MAX + 1, 65536};

    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        start_image();
        set_u64(&image, START + CMDLINE, image.size);
        put_fill(&image, 'c', lengths[i]);
        put_fill(&image, 0, 1);
        if (lengths[i] > BOOT_CMDLINE_MAX) {
            assert_bad("the command line is longer than 4095 bytes");
            assert_string_equal(info.cmdline, "");
        } else {
            require(parse(), "%s", err.text);
            assert_int_equal(strlen(info.cmdline), lengths[i]);
        }
    }
}

static void memory_map_must_lie_in_the_window(void **state)
{
    static const struct {
        uint64_t at;
        uint32_t count;
    } cases[] = {
        {0x100000, 1},   {UINT64_MAX, 1},          {UINT64_MAX - 23, 1}, {UINT64_MAX - 24, 1},
        {0, 0xffffffff}, {UINT64_MAX, 0xffffffff}, {0, 0x0aaaaaab}, /* 24 times it is 2^32 + 8 */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        build_good();
        set_u64(&image, START + MAP, cases[i].at);
        set_u32(&image, START + ENTRIES, cases[i].count);
        assert_bad("the memory map at %#lx with %u entries ends past %#zx", cases[i].at,
                   cases[i].count, image.size);
        assert_int_equal(info.memory_count, 0);
    }
    start_image();
    put_map(map, COUNT(map));
    image.size--;
    assert_bad("the memory map at %#x with %zu entries ends past %#zx", START + SIZE, COUNT(map),
               image.size);
}

static void entries_are_checked(void **state)
{
    static const struct boot_memory wrapping[] = {
        {1, UINT64_MAX, 1}, {UINT64_MAX, 1, 1}, {0xfffffffffffff000, 0x1000, 2}};
    static const struct boot_memory empty[] = {{0, 0, 1}, {4096, 4096, 1}, {UINT64_MAX, 0, 1}};
    static struct boot_memory many[BOOT_MEMORY_MAX + 1];

    (void)state;
    for (size_t i = 0; i < COUNT(wrapping); i++) {
        start_image();
        put_map(&wrapping[i], 1);
        assert_bad("the memory map's entry at %#lx, size %#lx, wraps", wrapping[i].base,
                   wrapping[i].size);
    }

    start_image();
    put_map(empty, COUNT(empty));
    require(parse(), "%s", err.text);
    assert_int_equal(info.memory_count, 1);
    assert_int_equal(info.memory[0].base, 4096);

    for (size_t i = 0; i < COUNT(many); i++)
        many[i] = (struct boot_memory){i * 4096, 4096, BOOT_MEMORY_RAM};
    start_image();
    put_map(many, BOOT_MEMORY_MAX);
    require(parse(), "%s", err.text);
    assert_int_equal(info.memory_count, BOOT_MEMORY_MAX);
    start_image();
    put_map(many, BOOT_MEMORY_MAX + 1);
    assert_bad("the memory map has more than 128 entries");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_xen_passes),
        cmocka_unit_test(later_versions_are_read_like_1),
        cmocka_unit_test(nothing_is_aligned),
        cmocka_unit_test(version_0_has_no_memory_map),
        cmocka_unit_test(nothing_given),
        cmocka_unit_test(start_must_lie_in_the_window),
        cmocka_unit_test(magic_is_checked),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(every_word_corrupted),
        cmocka_unit_test(command_line_address_is_checked),
        cmocka_unit_test(command_line_length_is_checked),
        cmocka_unit_test(memory_map_must_lie_in_the_window),
        cmocka_unit_test(entries_are_checked),
    };

    return cmocka_run_group_tests_name("pvh", tests, NULL, NULL);
}
