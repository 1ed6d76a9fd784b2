/* SPDX-License-Identifier: MIT */
#include "lib/elf.h"

#include <stddef.h>

#include "lib/string.h"

#define TYPE_EXEC      2
#define MACHINE_X86_64 62

enum segment_type {
    SEGMENT_LOAD = 1,
    SEGMENT_DYNAMIC = 2,
    SEGMENT_INTERPRETER = 3,
    SEGMENT_TLS = 7
};

#define SEGMENT_EXECUTE 1u
#define SEGMENT_WRITE   2u

struct file_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, segments_offset, sections_offset;
    uint32_t flags;
    uint16_t size, segment_size, segment_count, section_size, section_count, names;
};
_Static_assert(sizeof(struct file_header) == 64, "Elf64_Ehdr has 64 bytes");
_Static_assert(offsetof(struct file_header, entry) == 24, "Elf64_Ehdr.e_entry");
_Static_assert(offsetof(struct file_header, segment_size) == 54, "Elf64_Ehdr.e_phentsize");

struct segment_header {
    uint32_t type, flags;
    uint64_t offset, address, physical, file_size, memory_size, align;
};
_Static_assert(sizeof(struct segment_header) == 56, "Elf64_Phdr has 56 bytes");
_Static_assert(offsetof(struct segment_header, file_size) == 32, "Elf64_Phdr.p_filesz");

/* ELF, 64-bit, little endian, version 1. */
static const uint8_t ident[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};

static bool check_header(const struct file_header *header, uint64_t size, struct error *err)
{
    if (memcmp(header->ident, ident, sizeof(ident)) != 0)
        return fail(err, XEN_EINVAL, "the program is no ELF file, 64-bit, little endian");
    if (header->type != TYPE_EXEC || header->machine != MACHINE_X86_64)
        return fail(err, XEN_EINVAL,
                    "the program has type %u for machine %u, expected %u (fixed addresses) for %u "
                    "(x86-64)",
                    header->type, header->machine, TYPE_EXEC, MACHINE_X86_64);
    if (header->segment_size != sizeof(struct segment_header))
        return fail(err, XEN_EINVAL, "the program's segment headers have %u bytes, expected %zu",
                    header->segment_size, sizeof(struct segment_header));
    if (header->segments_offset > size ||
        header->segment_count > (size - header->segments_offset) / sizeof(struct segment_header))
        return fail(err, XEN_EINVAL,
                    "the program's %u segment headers at offset 0x%lx end past its %lu bytes",
                    header->segment_count, header->segments_offset, size);
    return true;
}

/* Where the segment's last page ends. */
static uint64_t end_of(const struct elf_segment *segment)
{
    uint64_t size = segment->memory_size + ELF_PAGE_SIZE - 1;

    return segment->address + (size - size % ELF_PAGE_SIZE);
}

static bool check_segment(const struct segment_header *s, uint64_t size, uint64_t first,
                          uint64_t limit, struct error *err)
{
    if (s->offset > size || s->file_size > size - s->offset)
        return fail(err, XEN_EINVAL,
                    "the segment at 0x%lx takes %lu bytes at offset 0x%lx, the program has %lu",
                    s->address, s->file_size, s->offset, size);
    if (s->file_size > s->memory_size)
        return fail(err, XEN_EINVAL,
                    "the segment at 0x%lx has %lu bytes in the file and only %lu in memory",
                    s->address, s->file_size, s->memory_size);
    if (s->address % ELF_PAGE_SIZE || s->address < first || s->address >= limit ||
        s->memory_size > limit - s->address)
        return fail(err, XEN_EINVAL,
                    "the segment at 0x%lx has %lu bytes, expected whole pages from 0x%lx to 0x%lx",
                    s->address, s->memory_size, first, limit);
    if ((s->flags & SEGMENT_WRITE) && (s->flags & SEGMENT_EXECUTE))
        return fail(err, XEN_EINVAL, "the segment at 0x%lx is both writable and executable",
                    s->address);
    return true;
}

static bool add_segment(const struct segment_header *s, struct elf_program *out, struct error *err)
{
    if (out->count == ELF_SEGMENTS_MAX)
        return fail(err, XEN_EINVAL, "the program has more than %d segments", ELF_SEGMENTS_MAX);
    if (out->count > 0 && s->address < end_of(&out->segments[out->count - 1]))
        return fail(err, XEN_EINVAL,
                    "the segment at 0x%lx does not lie in pages behind the one before it",
                    s->address);
    out->segments[out->count++] = (struct elf_segment){
        .offset = s->offset,
        .file_size = s->file_size,
        .address = s->address,
        .memory_size = s->memory_size,
        .writable = s->flags & SEGMENT_WRITE,
        .executable = s->flags & SEGMENT_EXECUTE,
    };
    return true;
}

static bool entry_is_code(const struct elf_program *program)
{
    for (uint32_t i = 0; i < program->count; i++) {
        const struct elf_segment *s = &program->segments[i];

        if (s->executable && program->entry >= s->address &&
            program->entry - s->address < s->file_size)
            return true;
    }
    return false;
}

bool elf_parse(const void *file, uint64_t size, uint64_t first, uint64_t limit,
               struct elf_program *out, struct error *err)
{
    const uint8_t *bytes = file;
    struct elf_program program = {.count = 0};
    struct file_header header;

    if (size < sizeof(header))
        return fail(err, XEN_EINVAL, "the program has %lu bytes, expected at least %zu", size,
                    sizeof(header));
    memcpy(&header, bytes, sizeof(header));
    if (!check_header(&header, size, err))
        return false;

    for (uint32_t i = 0; i < header.segment_count; i++) {
        struct segment_header s;

        memcpy(&s, bytes + header.segments_offset + i * sizeof(s), sizeof(s));
        if (s.type == SEGMENT_DYNAMIC || s.type == SEGMENT_INTERPRETER || s.type == SEGMENT_TLS)
            return fail(err, XEN_EINVAL,
                        "the program has a segment of type %u, expected a static one without "
                        "thread-local data",
                        s.type);
        if (s.type != SEGMENT_LOAD || s.memory_size == 0)
            continue;
        if (!check_segment(&s, size, first, limit, err) || !add_segment(&s, &program, err))
            return false;
    }
    program.entry = header.entry;
    if (!entry_is_code(&program))
        return fail(err, XEN_EINVAL, "the program's entry 0x%lx is not in its code", header.entry);
    *out = program;
    return true;
}
