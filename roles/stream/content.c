/* SPDX-License-Identifier: MIT */
#include "roles/stream/content.h"

#define WORD 8u /* bytes */

/* SplitMix64 (Steele, Lea, Flood, 2014), whose state is a counter. */
static uint64_t word_at(uint32_t seed, uint64_t index)
{
    uint64_t z = ((uint64_t)seed << 32) + (index + 1) * 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

/* Eight bytes at any address, of any type. */
typedef uint64_t __attribute__((may_alias, aligned(1))) loose_word;

/* How many bytes of the word that holds byte `position` follow it, of `size` at most. */
static uint32_t rest_of_word(uint64_t position, uint32_t size)
{
    uint32_t rest = WORD - (uint32_t)(position % WORD);

    return rest < size ? rest : size;
}

void content_fill(uint32_t seed, uint64_t position, void *to, uint32_t size)
{
    for (uint8_t *at = to; size > 0;) {
        uint64_t word = word_at(seed, position / WORD) >> position % WORD * 8;
        uint32_t count = rest_of_word(position, size);

        if (count == WORD)
            *(loose_word *)at = word;
        else
            for (uint32_t i = 0; i < count; i++)
                at[i] = (uint8_t)(word >> i * 8);
        at += count;
        position += count;
        size -= count;
    }
}

bool content_check(uint32_t seed, uint64_t position, const void *bytes, uint32_t size,
                   uint64_t *wrong)
{
    for (const volatile uint8_t *at = bytes; size > 0;) {
        uint64_t word = word_at(seed, position / WORD) >> position % WORD * 8, differs = 0;
        uint32_t count = rest_of_word(position, size);

        if (count == WORD)
            differs = *(const volatile loose_word *)at ^ word;
        else
            for (uint32_t i = 0; i < count; i++)
                differs |= (uint64_t)(at[i] ^ (uint8_t)(word >> i * 8)) << i * 8;
        if (differs) {
            *wrong = position + (uint32_t)__builtin_ctzll(differs) / 8;
            return false;
        }
        at += count;
        position += count;
        size -= count;
    }
    return true;
}

uint32_t content_packet(uint32_t seed, uint64_t number, uint32_t most)
{
    switch (number) {
    case 0:
        return most;
    case 1:
        return 1;
    default:
        return 1 + (uint32_t)(word_at(~seed, number) % most);
    }
}
