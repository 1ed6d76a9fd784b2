/* SPDX-License-Identifier: MIT */
/*
 * ELF files of programs: what is to be loaded where, after checks. Pure: no hardware.
 * System V ABI, chapters 4 and 5, with the supplement for x86-64.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"

#define ELF_SEGMENTS_MAX 8
#define ELF_PAGE_SIZE    4096u

/* Pages with the same rights, never both writable and executable. */
struct elf_segment {
    uint64_t offset, file_size;    /* bytes of the file, all inside it */
    uint64_t address, memory_size; /* aligned to a page; at least file_size, never 0 */
    bool writable, executable;
};

struct elf_program {
    uint64_t entry; /* in an executable segment, in what the file has of it */
    uint32_t count; /* 1 to ELF_SEGMENTS_MAX */
    struct elf_segment segments[ELF_SEGMENTS_MAX]; /* by address; no two share a page */
};

/*
 * Reads the headers of a static, 64-bit x86 program. Segments that take no memory are left out.
 *   file, size     the file
 *   first, limit   the addresses that it may use, up to and without `limit`
 *   out            set on success
 * XEN_EINVAL: the file is not such a program, uses other addresses, has a segment that is both
 * writable and executable, or lies about what it holds; the error names what is wrong.
 */
bool elf_parse(const void *file, uint64_t size, uint64_t first, uint64_t limit,
               struct elf_program *out, struct error *err);
