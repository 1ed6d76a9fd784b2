/* SPDX-License-Identifier: MIT */
#include "lib/elf.h"
#include "tests/fuzz/fuzz.h"

#define FIRST 0x400000000000ull
#define LIMIT 0x800000000000ull

/* What parses can be loaded: from inside the file, into pages of its own in the user half. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct elf_program program;
    struct error err = {0};
    uint8_t *file = malloc(size); /* its own allocation: a read one byte beyond is seen */
    uint64_t next = FIRST;
    bool entry = false;

    memcpy(file, data, size);
    if (!elf_parse(file, size, FIRST, LIMIT, &program, &err)) {
        must_be_a_reason(&err);
        free(file);
        return 0;
    }
    must(program.count >= 1 && program.count <= ELF_SEGMENTS_MAX);
    for (uint32_t i = 0; i < program.count; i++) {
        const struct elf_segment *s = &program.segments[i];

        must(!s->writable || !s->executable);
        must(s->offset <= size && s->file_size <= size - s->offset);
        must(s->memory_size > 0 && s->file_size <= s->memory_size);
        must(s->address % ELF_PAGE_SIZE == 0 && s->address >= next && s->address < LIMIT);
        must(s->memory_size <= LIMIT - s->address);
        entry = entry || (s->executable && program.entry >= s->address &&
                          program.entry - s->address < s->file_size);
        next = s->address + (s->memory_size + ELF_PAGE_SIZE - 1) / ELF_PAGE_SIZE * ELF_PAGE_SIZE;
    }
    must(entry);
    free(file);
    return 0;
}
