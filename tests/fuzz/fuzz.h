/* SPDX-License-Identifier: MIT */
/* What the fuzz targets share: what must hold for every input. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot/info.h"
#include "lib/error.h"

#define must(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);         \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Terminated within `size` and nothing but printable ASCII. */
static inline void must_be_printable(const char *text, size_t size)
{
    size_t length = strnlen(text, size);

    must(length < size);
    for (size_t i = 0; i < length; i++)
        must(text[i] >= ' ' && text[i] <= '~');
}

static inline void must_be_a_reason(const struct error *err)
{
    must_be_printable(err->text, sizeof(err->text));
    must(err->text[0] != '\0');
}

typedef bool boot_parser(const void *window, uint64_t size, uint64_t start, struct boot_info *out,
                         struct error *err);

/*
 * The first byte is where in the rest, the window, the structure starts. What parses must parse
 * to the same with more memory behind the window.
 */
static inline void fuzz_boot_parser(boot_parser *parse, const uint8_t *data, size_t size)
{
    static const char more[64] = "and what lies behind it";
    struct boot_info info, again;
    struct error err = {0};
    uint64_t start;
    char *window;
    bool good;

    if (!size)
        return;
    start = *data++;
    size--;
    window = malloc(size); /* its own allocation: a read one byte beyond is seen */
    memcpy(window, data, size);
    memset(&info, 0xaa, sizeof(info));
    good = parse(window, size, start, &info, &err);
    must_be_printable(info.loader, sizeof(info.loader));
    must(strnlen(info.cmdline, sizeof(info.cmdline)) < sizeof(info.cmdline));
    must(info.memory_count <= BOOT_MEMORY_MAX);
    for (uint32_t i = 0; i < info.memory_count; i++) {
        must(info.memory[i].size > 0);
        must(info.memory[i].base + info.memory[i].size > info.memory[i].base);
    }
    if (!good) {
        must_be_a_reason(&err);
    } else {
        free(window);
        window = malloc(size + sizeof(more));
        memcpy(window, data, size);
        memcpy(window + size, more, sizeof(more));
        memset(&again, 0xaa, sizeof(again));
        must(parse(window, size + sizeof(more), start, &again, &err));
        must(!strcmp(info.cmdline, again.cmdline));
        must(!strcmp(info.loader, again.loader));
        must(info.memory_count == again.memory_count);
        for (uint32_t i = 0; i < info.memory_count; i++) {
            must(info.memory[i].base == again.memory[i].base);
            must(info.memory[i].size == again.memory[i].size);
            must(info.memory[i].type == again.memory[i].type);
        }
    }
    free(window);
}
