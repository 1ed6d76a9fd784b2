/* SPDX-License-Identifier: MIT */
#include "tests/unit/boot_image.h"

#include "lib/elf.h"

#define FIRST 0x400000000000ull
#define LIMIT 0x800000000000ull
#define PAGE  0x1000ull

/* Offsets, from the ABI's tables and not from our structures. */
enum { TYPE = 16, MACHINE = 18, ENTRY = 24, PHOFF = 32, PHENTSIZE = 54, PHNUM = 56, HEADER = 64 };
enum {
    P_TYPE = 0,
    P_FLAGS = 4,
    P_OFFSET = 8,
    P_VADDR = 16,
    P_FILESZ = 32,
    P_MEMSZ = 40,
    P_SIZE = 56
};
enum { X = 1, W = 2, R = 4 };

static struct image image;
static struct elf_program program;
static struct error err;

static void set_u16(size_t at, uint16_t value)
{
    memcpy(image.bytes + at, &value, sizeof(value));
}

static void start_image(void)
{
    static const unsigned char ident[16] = {0x7f, 'E', 'L', 'F', 2, 1, 1};

    image.size = 0;
    put(&image, ident, sizeof(ident));
    put_fill(&image, 0, HEADER - sizeof(ident));
    set_u16(TYPE, 2);
    set_u16(MACHINE, 62);
    set_u64(&image, ENTRY, FIRST);
    set_u64(&image, PHOFF, HEADER);
    set_u16(PHENTSIZE, P_SIZE);
}

/* Where the header of segment `number` is. */
static size_t segment(size_t number)
{
    return HEADER + number * P_SIZE;
}

static void put_segment(uint32_t type, uint32_t flags, uint64_t offset, uint64_t address,
                        uint64_t file_size, uint64_t memory_size)
{
    size_t at = image.size;

    put_fill(&image, 0, P_SIZE);
    set_u32(&image, at + P_TYPE, type);
    set_u32(&image, at + P_FLAGS, flags);
    set_u64(&image, at + P_OFFSET, offset);
    set_u64(&image, at + P_VADDR, address);
    set_u64(&image, at + P_FILESZ, file_size);
    set_u64(&image, at + P_MEMSZ, memory_size);
    set_u16(PHNUM, (uint16_t)((at - HEADER) / P_SIZE + 1));
}

/* Text, constants, data with zeros behind it; then their 48 bytes. */
static void build_good(void)
{
    start_image();
    put_segment(1, R | X, 232, FIRST, 16, 16);
    put_segment(1, R, 248, FIRST + PAGE, 16, 16);
    put_segment(1, R | W, 264, FIRST + 2 * PAGE, 16, 3 * PAGE);
    put_fill(&image, 0x90, 48);
}

static bool parse_size(size_t size)
{
    unsigned char *exact = malloc(size);
    bool good;

    memcpy(exact, image.bytes, size);
    memset(&program, 0xaa, sizeof(program));
    good = elf_parse(exact, size, FIRST, LIMIT, &program, &err);
    free(exact);
    return good;
}

static bool parse(void)
{
    return parse_size(image.size);
}

static void what_the_linker_makes(void **state)
{
    (void)state;
    build_good();
    require(parse(), "%s", err.text);
    assert_int_equal(program.entry, FIRST);
    assert_int_equal(program.count, 3);
    assert_true(program.segments[0].executable && !program.segments[0].writable);
    assert_true(!program.segments[1].executable && !program.segments[1].writable);
    assert_true(!program.segments[2].executable && program.segments[2].writable);
    assert_int_equal(program.segments[1].offset, 248);
    assert_int_equal(program.segments[1].address, FIRST + PAGE);
    assert_int_equal(program.segments[1].file_size, 16);
    assert_int_equal(program.segments[2].memory_size, 3 * PAGE);
}

static void other_segments_and_empty_ones_are_left_out(void **state)
{
    (void)state;
    build_good();
    set_u32(&image, segment(1) + P_TYPE, 0x6474e551); /* PT_GNU_STACK */
    set_u64(&image, segment(2) + P_FILESZ, 0);
    set_u64(&image, segment(2) + P_MEMSZ, 0);
    set_u64(&image, segment(2) + P_VADDR, 0);
    require(parse(), "%s", err.text);
    assert_int_equal(program.count, 1);
}

static void every_truncation(void **state)
{
    (void)state;
    build_good();
    for (size_t size = 1; size < image.size - 1; size++)
        require(!parse_size(size) || size >= 280, "%zu bytes parse", size);
}

static void header_is_checked(void **state)
{
    (void)state;
    for (size_t at = 0; at < 7; at++) {
        build_good();
        image.bytes[at] ^= 1;
        assert_bad("the program is no ELF file, 64-bit, little endian");
    }
    build_good();
    set_u16(TYPE, 3);
    assert_bad("the program has type 3 for machine 62, expected 2 (fixed addresses) for 62 "
               "(x86-64)");
    build_good();
    set_u16(MACHINE, 183);
    assert_bad("the program has type 2 for machine 183, expected 2 (fixed addresses) for 62 "
               "(x86-64)");
    build_good();
    set_u16(PHENTSIZE, 57);
    assert_bad("the program's segment headers have 57 bytes, expected 56");
    build_good();
    set_u16(PHNUM, 5);
    set_u64(&image, PHOFF, 1);
    assert_bad("the program's 5 segment headers at offset 0x1 end past its 280 bytes");
    build_good();
    set_u64(&image, PHOFF, UINT64_MAX - 100);
    assert_bad("the program's 3 segment headers at offset 0xffffffffffffff9b end past its 280 "
               "bytes");
    build_good();
    image.size = HEADER - 1;
    assert_bad("the program has 63 bytes, expected at least 64");
}

static void segments_must_lie_in_the_file(void **state)
{
    static const struct {
        uint64_t offset, size;
    } bad[] = {{281, 0}, {264, 17}, {0, 281}, {UINT64_MAX, 1}, {8, UINT64_MAX - 4}};

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        build_good();
        set_u64(&image, segment(2) + P_OFFSET, bad[i].offset);
        set_u64(&image, segment(2) + P_FILESZ, bad[i].size);
        assert_bad("the segment at 0x400000002000 takes %lu bytes at offset 0x%lx, the program has "
                   "280",
                   bad[i].size, bad[i].offset);
    }
    build_good();
    set_u64(&image, segment(0) + P_MEMSZ, 15);
    assert_bad("the segment at 0x400000000000 has 16 bytes in the file and only 15 in memory");
}

static void segments_must_lie_in_the_user_half(void **state)
{
    static const struct {
        uint64_t address, size;
    } bad[] = {
        {FIRST - PAGE, PAGE}, {0, PAGE},           {0x100000, PAGE},
        {FIRST + 1, PAGE},    {LIMIT, PAGE},       {LIMIT - PAGE, PAGE + 1},
        {FIRST, LIMIT},       {FIRST, UINT64_MAX}, {UINT64_MAX - PAGE + 1, PAGE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        build_good();
        set_u16(PHNUM, 1);
        set_u64(&image, segment(0) + P_VADDR, bad[i].address);
        set_u64(&image, segment(0) + P_MEMSZ, bad[i].size);
        assert_bad(
            "the segment at 0x%lx has %lu bytes, expected whole pages from 0x400000000000 to "
            "0x800000000000",
            bad[i].address, bad[i].size);
    }
    build_good();
    set_u64(&image, segment(2) + P_VADDR, LIMIT - 3 * PAGE);
    require(parse(), "%s", err.text);
}

static void no_segment_is_writable_and_executable(void **state)
{
    (void)state;
    build_good();
    set_u32(&image, segment(2) + P_FLAGS, R | W | X);
    assert_bad("the segment at 0x400000002000 is both writable and executable");
}

static void segments_share_no_page(void **state)
{
    (void)state;
    build_good();
    set_u64(&image, segment(0) + P_MEMSZ, PAGE + 1);
    assert_bad("the segment at 0x400000001000 does not lie in pages behind the one before it");
    build_good();
    set_u64(&image, segment(0) + P_MEMSZ, PAGE);
    require(parse(), "%s", err.text);
    build_good();
    set_u64(&image, segment(2) + P_VADDR, FIRST);
    assert_bad("the segment at 0x400000000000 does not lie in pages behind the one before it");
}

static void programs_are_static(void **state)
{
    (void)state;
    for (uint32_t type = 2; type <= 7; type++) {
        build_good();
        set_u32(&image, segment(1) + P_TYPE, type);
        if (type == 2 || type == 3 || type == 7)
            assert_bad("the program has a segment of type %u, expected a static one without "
                       "thread-local data",
                       type);
        else
            require(parse(), "%s", err.text);
    }
}

static void entry_is_in_the_code(void **state)
{
    static const uint64_t bad[] = {0, FIRST - 1, FIRST + 16, FIRST + PAGE, FIRST + 2 * PAGE, LIMIT};

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        build_good();
        set_u64(&image, ENTRY, bad[i]);
        assert_bad("the program's entry 0x%lx is not in its code", bad[i]);
    }
    build_good();
    set_u64(&image, ENTRY, FIRST + 15);
    require(parse(), "%s", err.text);
    start_image();
    assert_bad("the program's entry 0x400000000000 is not in its code");
}

static void segments_are_counted(void **state)
{
    (void)state;
    for (uint32_t count = ELF_SEGMENTS_MAX; count <= ELF_SEGMENTS_MAX + 1; count++) {
        start_image();
        for (uint32_t i = 0; i < count; i++)
            put_segment(1, R | X, 0, FIRST + i * PAGE, 16, 16);
        if (count <= ELF_SEGMENTS_MAX)
            require(parse(), "%s", err.text);
        else
            assert_bad("the program has more than 8 segments");
    }
}

static void every_byte_corrupted(void **state)
{
    (void)state;
    for (size_t at = 0; at < 232; at++)
        for (unsigned int value = 0; value < 256; value++) {
            build_good();
            image.bytes[at] = (unsigned char)value;
            if (!parse())
                continue;
            assert_true(program.count >= 1 && program.count <= ELF_SEGMENTS_MAX);
            for (uint32_t i = 0; i < program.count; i++) {
                const struct elf_segment *s = &program.segments[i];

                assert_true(!s->writable || !s->executable);
                assert_true(s->address >= FIRST && s->address < LIMIT);
                assert_true(s->memory_size <= LIMIT - s->address);
                assert_true(s->offset <= image.size && s->file_size <= image.size - s->offset);
            }
        }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_linker_makes),
        cmocka_unit_test(other_segments_and_empty_ones_are_left_out),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(header_is_checked),
        cmocka_unit_test(segments_must_lie_in_the_file),
        cmocka_unit_test(segments_must_lie_in_the_user_half),
        cmocka_unit_test(no_segment_is_writable_and_executable),
        cmocka_unit_test(segments_share_no_page),
        cmocka_unit_test(programs_are_static),
        cmocka_unit_test(entry_is_in_the_code),
        cmocka_unit_test(segments_are_counted),
        cmocka_unit_test(every_byte_corrupted),
    };

    return cmocka_run_group_tests_name("elf", tests, NULL, NULL);
}
