/* SPDX-License-Identifier: MIT */
#include "roles/options.h"
#include "tests/fuzz/fuzz.h"

static const char *field(const struct options_key *key, const struct options *options)
{
    return (const char *)options + key->offset;
}

static bool is_text(const struct options_key *key)
{
    return key->kind == KEY_NAME || key->kind == KEY_PATH || key->kind == KEY_TEXT;
}

static uint64_t number(const struct options_key *key, const struct options *options)
{
    uint64_t value = 0;

    memcpy(&value, field(key, options), key->size);
    return value;
}

static bool same(const struct options *a, const struct options *b)
{
    for (uint32_t i = 0; options_key(i); i++) {
        const struct options_key *key = options_key(i);

        if (is_text(key) ? strcmp(field(key, a), field(key, b)) : number(key, a) != number(key, b))
            return false;
    }
    return true;
}

/* What the table of keys promises. */
static void must_be_in_range(const struct options *options)
{
    for (uint32_t i = 0; options_key(i); i++) {
        const struct options_key *key = options_key(i);
        size_t words = 0;

        if (is_text(key)) {
            size_t length = strnlen(field(key, options), key->size);

            must(length >= key->least && length <= key->most && length < key->size);
            continue;
        }
        for (const char *at = key->words; *at; at++)
            words += *at != ' ' && (at[1] == ' ' || !at[1]);

        uint64_t value = number(key, options);

        if (key->kind == KEY_CHOICE)
            must(value < words);
        else if (key->kind == KEY_SET)
            must(value > 0 && value < 1ull << words);
        else
            must((value >= key->least && value <= key->most) ||
                 (key->automatic && value == (key->size == 8 ? OPTIONS_BIG_AUTO : OPTIONS_AUTO)));
    }
}

/* What parses describes itself in printable text that parses to the same. */
static void must_describe_itself(const struct options *options)
{
    static char text[OPTIONS_DESCRIBE_SIZE];
    struct options again;

    memset(text, 0xaa, sizeof(text));
    options_describe(options, text, sizeof(text));
    must_be_printable(text, sizeof(text));
    must(options_parse(text, &again, NULL));
    must(same(options, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct options options, wanted;
    struct error err = {0};

    memcpy(text, data, size);
    text[size] = '\0';
    must(options_parse("", &wanted, NULL));
    memset(&options, 0xaa, sizeof(options));
    if (!options_parse(text, &options, &err)) {
        must_be_a_reason(&err);
        wanted.consoles = options.consoles;
        wanted.exit = options.exit;
        wanted.hypercall = options.hypercall;
        must(same(&options, &wanted));
    }
    must_be_in_range(&options);
    must_describe_itself(&options);
    free(text);
    return 0;
}
