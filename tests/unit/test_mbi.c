/* SPDX-License-Identifier: MIT */
#include "tests/unit/boot_image.h"

#include "boot/mbi.h"

enum { END, CMDLINE, LOADER, MODULE = 3, MEMORY = 6, FRAMEBUFFER = 8 };

static struct image image; /* what the builders below write to */
static struct boot_info info;
static struct error err;

static void start_mbi(void)
{
    image.size = 0;
    put_u32(&image, 0); /* total_size, filled in by finish_mbi */
    put_u32(&image, 0);
}

/* Each builder of a tag returns the offset of its header. */
static size_t put_header(uint32_t type, uint32_t size)
{
    put_fill(&image, 0, -image.size % 8);
    put_u32(&image, type);
    put_u32(&image, size);
    return image.size - 8;
}

static size_t put_bytes_tag(uint32_t type, const char *bytes, size_t size)
{
    size_t at = put_header(type, (uint32_t)(8 + size));

    put(&image, bytes, size);
    return at;
}

static size_t put_text_tag(uint32_t type, const char *text)
{
    return put_bytes_tag(type, text, strlen(text) + 1);
}

static size_t put_memory_tag(const struct boot_memory *entries, size_t count, uint32_t entry_size)
{
    size_t at = put_header(MEMORY, (uint32_t)(16 + count * entry_size));

    put_u32(&image, entry_size);
    put_u32(&image, 0);
    for (size_t i = 0; i < count; i++) {
        put_u64(&image, entries[i].base);
        put_u64(&image, entries[i].size);
        put_u32(&image, entries[i].type);
        put_fill(&image, 0xee, entry_size - 20);
    }
    return at;
}

static void finish_mbi(void)
{
    set_u32(&image, 0, (uint32_t)image.size);
}

static const struct boot_memory map[] = {
    {0, 0x9fc00, BOOT_MEMORY_RAM},
    {0xf0000, 0x10000, 2},
    {0x100000, 0x3f00000, BOOT_MEMORY_RAM},
    {0xfeff8000, 0x8000, 2},
    {0x100000000, 0xffffffff00000000 - 1, BOOT_MEMORY_RAM}, /* the last byte there is but one */
};

/* Offsets of the parts of the MBI that build_good makes. */
static struct {
    size_t cmdline, loader, memory, end;
} parts;

static void build_good(void)
{
    start_mbi();
    parts.cmdline = put_text_tag(CMDLINE, "role=writer peer=3");
    parts.loader = put_text_tag(LOADER, "GRUB 2.06");
    put_bytes_tag(FRAMEBUFFER, "some bytes of no concern", 23);
    parts.memory = put_memory_tag(map, COUNT(map), 24);
    parts.end = put_header(END, 8);
    finish_mbi();
}

static bool parse(void)
{
    return parse_cut(mbi_parse, &image, image.size, 0, 0, &info, &err);
}

static void assert_good(void)
{
    require(parse(), "%s", err.text);
    assert_string_equal(info.cmdline, "role=writer peer=3");
    assert_string_equal(info.protocol, "Multiboot2");
    assert_string_equal(info.loader, "GRUB 2.06");
    assert_memory(&info, map, COUNT(map));
}

static void what_grub_passes(void **state)
{
    (void)state;
    build_good();
    assert_good();
}

static void empty_information(void **state)
{
    (void)state;
    start_mbi();
    finish_mbi();
    require(parse(), "%s", err.text);
    assert_string_equal(info.cmdline, "");
    assert_string_equal(info.loader, "");
    assert_int_equal(info.memory_count, 0);
}

static void missing_end_tag(void **state)
{
    (void)state;
    build_good();
    image.size = parts.end;
    finish_mbi();
    assert_good();
}

static void nothing_is_read_past_the_end_tag(void **state)
{
    (void)state;
    build_good();
    put_text_tag(CMDLINE, "role=reader");
    finish_mbi();
    assert_good();
}

static void fewer_bytes_than_a_header_end_the_walk(void **state)
{
    (void)state;
    for (size_t rest = 1; rest < 8; rest++) {
        build_good();
        image.size = parts.end;
        put_fill(&image, 0xff, rest);
        finish_mbi();
        assert_good();
    }
}

static void last_tag_needs_no_padding(void **state)
{
    (void)state;
    start_mbi();
    put_text_tag(CMDLINE, "abc");
    finish_mbi(); /* 8 + 12 bytes */
    require(parse(), "%s", err.text);
    assert_string_equal(info.cmdline, "abc");
}

static void any_start_in_the_window(void **state)
{
    static struct image moved;

    (void)state;
    build_good();
    for (size_t start = 8; start <= 4096; start *= 8) {
        moved.size = 0;
        put_fill(&moved, 0xff, start);
        put(&moved, image.bytes, image.size);
        require(parse_cut(mbi_parse, &moved, moved.size, 0, start, &info, &err), "%s", err.text);
        assert_string_equal(info.cmdline, "role=writer peer=3");
        assert_int_equal(info.memory_count, COUNT(map));
    }
}

static void window_need_not_be_aligned(void **state)
{
    (void)state;
    build_good();
    for (size_t skew = 1; skew < 8; skew++) {
        require(parse_cut(mbi_parse, &image, image.size, skew, 0, &info, &err), "%s", err.text);
        assert_string_equal(info.loader, "GRUB 2.06");
    }
}

static void start_must_be_aligned(void **state)
{
    (void)state;
    build_good();
    for (uint64_t start = 1; start < 8; start++) {
        assert_false(parse_cut(mbi_parse, &image, image.size, 0, start, &info, &err));
        assert_non_null(strstr(err.text, "is not aligned to 8 bytes"));
    }
}

static void start_must_lie_in_the_window(void **state)
{
    static const uint64_t starts[] = {0x1000000, 0x8000000000000000, 0xfffffffffffffff8};

    (void)state;
    build_good();
    for (size_t i = 0; i < COUNT(starts); i++) {
        assert_false(parse_cut(mbi_parse, &image, image.size, 0, starts[i], &info, &err));
        assert_non_null(strstr(err.text, "starts past"));
    }
    for (size_t size = 0; size < 8; size++)
        assert_false(parse_cut(mbi_parse, &image, size, 0, 0, &info, &err));
}

static void total_size_is_checked(void **state)
{
    (void)state;
    build_good();
    for (uint32_t size = 0; size < 8; size++) {
        set_u32(&image, 0, size);
        assert_bad("the boot information's total_size is %u, expected at least 8", size);
    }
    set_u32(&image, 0, (uint32_t)image.size + 1);
    assert_bad("the boot information at 0 of %zu bytes ends past %#zx", image.size + 1, image.size);
    set_u32(&image, 0, 0xffffffff);
    assert_bad("the boot information at 0 of 4294967295 bytes ends past %#zx", image.size);
}

/* Cut anywhere, with total_size honest or not, nothing outside is read. */
static void every_truncation(void **state)
{
    size_t whole;

    (void)state;
    build_good();
    whole = image.size;
    for (size_t size = 0; size < whole; size++) {
        build_good();
        assert_false(parse_cut(mbi_parse, &image, size, 0, 0, &info, &err));
        if (size < 8)
            continue;
        set_u32(&image, 0, (uint32_t)size);
        if (parse_cut(mbi_parse, &image, size, 0, 0, &info, &err))
            assert_true(!info.memory_count || info.memory_count == COUNT(map));
    }
}

/* Each 32-bit word in turn is replaced by each of these. */
static void every_word_corrupted(void **state)
{
    static const uint32_t words[] = {
        0, 1, 2, 6, 7, 8, 9, 15, 16, 23, 24, 25, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff,
    };

    (void)state;
    build_good();
    for (size_t at = 0; at + 4 <= image.size; at += 4) {
        for (size_t i = 0; i < COUNT(words); i++) {
            build_good();
            set_u32(&image, at, words[i]);
            parse(); /* parse_cut checks what must hold either way */
        }
    }
}

static void tag_size_is_checked(void **state)
{
    static const uint32_t huge[] = {0x7fffffff, 0x80000000, 0xfffffff7, 0xfffffff8, 0xffffffff};
    const size_t *tags[] = {&parts.cmdline, &parts.loader, &parts.memory, &parts.end};
    static const unsigned int types[] = {CMDLINE, LOADER, MEMORY, END};

    (void)state;
    for (size_t t = 0; t < COUNT(tags); t++) {
        size_t at, left;

        build_good();
        at = *tags[t];
        left = image.size - at;
        for (uint32_t size = 0; size < 8; size++) {
            set_u32(&image, at + 4, size);
            assert_bad("tag %u at %#zx has size %u, expected at least 8", types[t], at, size);
        }
        set_u32(&image, at + 4, (uint32_t)left + 1);
        assert_bad("tag %u at %#zx has size %zu but only %zu bytes are left", types[t], at,
                   left + 1, left);
        for (size_t i = 0; i < COUNT(huge); i++) {
            set_u32(&image, at + 4, huge[i]);
            assert_bad("tag %u at %#zx has size %u but only %zu bytes are left", types[t], at,
                       huge[i], left);
        }
    }
}

static void unknown_tags_are_stepped_over_by_rounded_size(void **state)
{
    (void)state;
    for (uint32_t size = 0; size < 17; size++) {
        start_mbi();
        put_header(MODULE, 8 + size);
        put_fill(&image, 0xff, size);
        put_header(0xffffffff, 8);
        put_text_tag(CMDLINE, "found");
        put_header(END, 8);
        finish_mbi();
        require(parse(), "%s", err.text);
        assert_string_equal(info.cmdline, "found");
    }
}

static void a_kept_tag_comes_once(void **state)
{
    static const uint32_t types[] = {CMDLINE, LOADER, MEMORY};

    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        size_t again;

        build_good();
        image.size = parts.end;
        again = types[i] == MEMORY ? put_memory_tag(map, 1, 24) : put_text_tag(types[i], "again");
        finish_mbi();
        assert_bad("tag %u comes twice, the second time at %#zx", types[i], again);
    }
}

static void command_line_lengths(void **state)
{
    static const struct {
        size_t length;
        bool terminated, good;
    } cases[] = {
        {0, true, true},
        {0, false, false},
        {1, false, false},
        {BOOT_CMDLINE_MAX - 1, true, true},
        {BOOT_CMDLINE_MAX, true, true},
        {BOOT_CMDLINE_MAX, false, false},
        {BOOT_CMDLINE_MAX + 1, true, false},
        {BOOT_CMDLINE_MAX + 1, false, false},
        {65535, true, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t length = cases[i].length;

        start_mbi();
        put_header(CMDLINE, (uint32_t)(8 + length + cases[i].terminated));
        put_fill(&image, 'c', length);
        put_fill(&image, 0, cases[i].terminated);
        put_header(END, 8);
        finish_mbi();
        require(parse() == cases[i].good, "case %zu: %s", i, err.text);
        assert_int_equal(strlen(info.cmdline), cases[i].good ? length : 0);
        if (length > BOOT_CMDLINE_MAX)
            assert_bad("the command line is longer than 4095 bytes");
        else if (!cases[i].good)
            assert_bad("the command line at 0x10 is not terminated before %#zx", 16 + length);
    }
}

static void command_line_ends_at_its_first_nul(void **state)
{
    (void)state;
    start_mbi();
    put_bytes_tag(CMDLINE, "role=none\0role=writer", 22);
    finish_mbi();
    require(parse(), "%s", err.text);
    assert_string_equal(info.cmdline, "role=none");
}

static void loader_name_is_escaped_and_cut(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *wanted;
    } cases[] = {
        {"", 0, ""},
        {"\0", 1, ""},
        {"GRUB", 4, "GRUB"}, /* not terminated: the tag ends it */
        {"GR\0UB", 6, "GR"},
        {"two\nlines", 10, "two\\x0alines"},
        {"123456789012345678901234567890123456789012345678901234567890123", 64,
         "123456789012345678901234567890123456789012345678901234567890123"},
        {"1234567890123456789012345678901234567890123456789012345678901234", 65,
         "123456789012345678901234567890123456789012345678901234567890..."},
        {"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10", 16,
         "\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08\\x09\\x0a\\x0b\\x0c\\x0d\\x0e\\x0f..."},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        start_mbi();
        put_bytes_tag(LOADER, cases[i].bytes, cases[i].size);
        finish_mbi();
        require(parse(), "%s", err.text);
        assert_string_equal(info.loader, cases[i].wanted);
    }
}

static void entry_size_is_honoured(void **state)
{
    static const uint32_t sizes[] = {24, 25, 32, 40, 4096};

    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        start_mbi();
        put_text_tag(CMDLINE, "role=writer peer=3");
        put_memory_tag(map, COUNT(map), sizes[i]);
        put_text_tag(LOADER, "GRUB 2.06");
        finish_mbi();
        assert_good();
    }
}

static void entry_size_is_checked(void **state)
{
    static const uint32_t huge[] = {25, 5 * 24 - 1, 5 * 24 + 1, 0x80000000, 0xffffffff};

    (void)state;
    build_good();
    for (uint32_t size = 0; size < 24; size++) {
        set_u32(&image, parts.memory + 8, size);
        assert_bad("the memory map's entry_size is %u, expected at least 24", size);
    }
    for (size_t i = 0; i < COUNT(huge); i++) {
        set_u32(&image, parts.memory + 8, huge[i]);
        assert_bad("the memory map's last entry of %u bytes runs past its tag", huge[i]);
    }
}

static void memory_tag_size_is_checked(void **state)
{
    (void)state;
    for (uint32_t size = 8; size < 16; size++) {
        build_good();
        set_u32(&image, parts.memory + 4, size);
        assert_bad("the memory map tag is %u bytes long, expected at least 16", size);
    }
    for (uint32_t size = 1; size < 24; size++) {
        build_good();
        set_u32(&image, parts.memory + 4, 16 + 24 + size);
        assert_bad("the memory map's last entry of 24 bytes runs past its tag");
    }
    build_good();
    set_u32(&image, parts.memory + 4, 16);
    image.size = parts.memory + 16;
    finish_mbi();
    require(parse(), "%s", err.text);
    assert_int_equal(info.memory_count, 0);
}

static void entries_must_not_wrap(void **state)
{
    static const struct {
        uint64_t base, size;
        bool good;
    } cases[] = {
        {1, UINT64_MAX - 1, true},
        {1, UINT64_MAX, false},
        {UINT64_MAX, 1, false}, /* base + size is 0 */
        {0xfffffffffffff000, 0x1000, false},
        {0xfffffffffffff000, 0xfff, true},
        {0, UINT64_MAX, true},
        {0x8000000000000000, 0x8000000000000000, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct boot_memory entry = {cases[i].base, cases[i].size, 2};

        start_mbi();
        put_memory_tag(&entry, 1, 24);
        finish_mbi();
        if (cases[i].good)
            require(parse(), "%s", err.text);
        else
            assert_bad("the memory map's entry at %#lx, size %#lx, wraps", entry.base, entry.size);
    }
}

static void empty_entries_are_left_out(void **state)
{
    static const struct boot_memory entries[] = {{0, 0, 1}, {4096, 4096, 1}, {UINT64_MAX, 0, 1}};

    (void)state;
    start_mbi();
    put_memory_tag(entries, COUNT(entries), 24);
    finish_mbi();
    require(parse(), "%s", err.text);
    assert_int_equal(info.memory_count, 1);
    assert_int_equal(info.memory[0].base, 4096);
}

static void entries_are_counted(void **state)
{
    static struct boot_memory entries[BOOT_MEMORY_MAX + 1];

    (void)state;
    for (size_t i = 0; i < COUNT(entries); i++)
        entries[i] = (struct boot_memory){i * 4096, 4096, BOOT_MEMORY_RAM};
    start_mbi();
    put_memory_tag(entries, BOOT_MEMORY_MAX, 24);
    finish_mbi();
    require(parse(), "%s", err.text);
    assert_int_equal(info.memory_count, BOOT_MEMORY_MAX);
    start_mbi();
    put_memory_tag(entries, BOOT_MEMORY_MAX + 1, 24);
    finish_mbi();
    assert_bad("the memory map has more than 128 entries");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_grub_passes),
        cmocka_unit_test(empty_information),
        cmocka_unit_test(missing_end_tag),
        cmocka_unit_test(nothing_is_read_past_the_end_tag),
        cmocka_unit_test(fewer_bytes_than_a_header_end_the_walk),
        cmocka_unit_test(last_tag_needs_no_padding),
        cmocka_unit_test(any_start_in_the_window),
        cmocka_unit_test(window_need_not_be_aligned),
        cmocka_unit_test(start_must_be_aligned),
        cmocka_unit_test(start_must_lie_in_the_window),
        cmocka_unit_test(total_size_is_checked),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(every_word_corrupted),
        cmocka_unit_test(tag_size_is_checked),
        cmocka_unit_test(unknown_tags_are_stepped_over_by_rounded_size),
        cmocka_unit_test(a_kept_tag_comes_once),
        cmocka_unit_test(command_line_lengths),
        cmocka_unit_test(command_line_ends_at_its_first_nul),
        cmocka_unit_test(loader_name_is_escaped_and_cut),
        cmocka_unit_test(entry_size_is_honoured),
        cmocka_unit_test(entry_size_is_checked),
        cmocka_unit_test(memory_tag_size_is_checked),
        cmocka_unit_test(entries_must_not_wrap),
        cmocka_unit_test(empty_entries_are_left_out),
        cmocka_unit_test(entries_are_counted),
    };

    return cmocka_run_group_tests_name("mbi", tests, NULL, NULL);
}
