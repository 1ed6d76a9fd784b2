/* SPDX-License-Identifier: MIT */
/*
 * Byte loops that must stay loops: gcc needs -fno-tree-loop-distribute-patterns, clang
 * -ffreestanding, or memcpy's loop becomes a call to memcpy.
 */
#include "lib/string.h"

#include <stdint.h>

/* Eight bytes at any address, of any type. */
typedef uint64_t __attribute__((may_alias, aligned(1))) loose_word;

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    loose_word *words = to;
    const loose_word *source_words = from;

    for (; size >= 4 * sizeof(*words); size -= 4 * sizeof(*words)) {
        uint64_t a = source_words[0], b = source_words[1], c = source_words[2], d = source_words[3];

        words[0] = a;
        words[1] = b;
        words[2] = c;
        words[3] = d;
        words += 4;
        source_words += 4;
    }

    unsigned char *target = (unsigned char *)words;
    const unsigned char *source = (const unsigned char *)source_words;

    while (size--)
        *target++ = *source++;
    return to;
}

void *memmove(void *to, const void *from, size_t size)
{
    unsigned char *target = to;
    const unsigned char *source = from;

    if ((uintptr_t)to <= (uintptr_t)from) {
        for (size_t i = 0; i < size; i++)
            target[i] = source[i];
        return to;
    }
    while (size--)
        target[size] = source[size];
    return to;
}

void *memset(void *to, int byte, size_t size)
{
    unsigned char *target = to;

    while (size--)
        *target++ = (unsigned char)byte;
    return to;
}

int memcmp(const void *left, const void *right, size_t size)
{
    const unsigned char *a = left, *b = right;

    for (; size; a++, b++, size--)
        if (*a != *b)
            return *a - *b;
    return 0;
}

size_t strlen(const char *text)
{
    return strnlen(text, SIZE_MAX);
}

size_t strnlen(const char *text, size_t limit)
{
    size_t length = 0;

    while (length < limit && text[length])
        length++;
    return length;
}

int strcmp(const char *left, const char *right)
{
    return strncmp(left, right, SIZE_MAX);
}

int strncmp(const char *left, const char *right, size_t limit)
{
    for (; limit; left++, right++, limit--)
        if (*left != *right || !*left)
            return (unsigned char)*left - (unsigned char)*right;
    return 0;
}

void string_escape(char *to, size_t size, const char *from, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    size_t room = size - 1, used = 0, dots_at = 0;

    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)from[i];
        bool plain = byte >= ' ' && byte <= '~' && byte != '\\';

        if (room - used < (plain ? 1u : 4u)) {
            for (used = dots_at; used < room && used < dots_at + 3;)
                to[used++] = '.';
            break;
        }
        if (plain) {
            to[used++] = (char)byte;
        } else {
            to[used++] = '\\';
            to[used++] = 'x';
            to[used++] = digits[byte >> 4];
            to[used++] = digits[byte & 15];
        }
        if (room - used >= 3)
            dots_at = used;
    }
    to[used] = '\0';
}
