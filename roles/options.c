/* SPDX-License-Identifier: MIT */
#include "roles/options.h"

#include <stdarg.h>

#include "kernel/console.h"
#include "lib/format.h"
#include "lib/number.h"
#include "lib/string.h"
#include "roles/pair/shared_page.h"
#include "roles/stream/content.h"
#include "xen/grant.h"
#include "xen/vchan_ring.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The longest word that can be right; what follows is dropped and `cut` set. */
#define WORD_MAX (sizeof("message=") + sizeof(((struct options *)0)->message))

#define EXPECTED_SIZE 200
#define QUIET_MAX     40 /* bytes of a quiet key's value, with a NUL */

struct word {
    char text[WORD_MAX + 1];
    size_t length;
    bool cut;
    const char *fault; /* what is wrong with its quoting, or NULL */
};

struct text {
    char *buffer;
    size_t size;
    size_t used;
};

#define ROLE(id, name, ...) #name " "
static const char role_words[] =
#include "roles/roles.def"
    ;
#undef ROLE
#define ROLE_WORDS role_words

#define ROLE(id, name, ...) {#name, __VA_ARGS__},
static const struct options_role roles[] = {
#include "roles/roles.def"
};
#undef ROLE

#define LOUD        false
#define QUIET       true
#define FIELD(name) offsetof(struct options, name), sizeof(((struct options *)0)->name)
/* Each line of the table, its arguments in the order of struct options_key. */
#define WORDS(kind, field, key, words, default_, quiet, help)                                      \
    {key, words, "", default_, help, FIELD(field), 0, 0, kind, false, quiet},
#define RANGE(kind, automatic, field, key, unit, least, most, default_, quiet, help)               \
    {key, "", unit, default_, help, FIELD(field), least, most, kind, automatic, quiet},
#define CHOICE(...)         WORDS(KEY_CHOICE, __VA_ARGS__)
#define SET(...)            WORDS(KEY_SET, __VA_ARGS__)
#define NUMBER(...)         RANGE(KEY_NUMBER, false, __VA_ARGS__)
#define NUMBER_OR_AUTO(...) RANGE(KEY_NUMBER, true, __VA_ARGS__)
#define BIG_OR_AUTO(...)    RANGE(KEY_NUMBER, true, __VA_ARGS__)
#define NAME(field, key, unit, longest, ...)                                                       \
    RANGE(KEY_NAME, false, field, key, unit, 1, longest, __VA_ARGS__)
#define PATH(field, key, unit, longest, ...)                                                       \
    RANGE(KEY_PATH, false, field, key, unit, 1, longest, __VA_ARGS__)
#define TEXT(field, key, unit, longest, ...)                                                       \
    RANGE(KEY_TEXT, false, field, key, unit, 1, longest, __VA_ARGS__)

static const struct options_key keys[] = {
#include "roles/keys.def"
};

/* The words of `console` name these bits. */
_Static_assert(CONSOLE_VGA == 1 && CONSOLE_COM1 == 2 && CONSOLE_XEN == 4, "vga com1 xen");

const struct options_key *options_key(uint32_t number)
{
    return number < COUNT(keys) ? &keys[number] : NULL;
}

const struct options_role *options_role(uint32_t role)
{
    return role < COUNT(roles) ? &roles[role] : NULL;
}

__attribute__((format(printf, 2, 3))) static void add(struct text *to, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    to->used += format_cut(to->buffer + to->used, to->size - to->used, format, arguments);
    va_end(arguments);
}

/* Fields of 4 and of 8 bytes: little-endian, as the CPU is. */
static void field_write(const struct options_key *key, uint64_t value, struct options *out)
{
    memcpy((char *)out + key->offset, &value, key->size);
}

static uint64_t field_read(const struct options_key *key, const struct options *options)
{
    uint64_t value = 0;

    memcpy(&value, (const char *)options + key->offset, key->size);
    return value;
}

static bool is_auto(const struct options_key *key, uint64_t value)
{
    return key->automatic && value == (key->size == sizeof(uint64_t) ? UINT64_MAX : UINT32_MAX);
}

/* The next of the words at *at, which moves behind it. False if there is none. */
static bool next_word(const char **at, const char **word, size_t *length)
{
    while (**at == ' ')
        (*at)++;
    *word = *at;
    while (**at && **at != ' ')
        (*at)++;
    *length = (size_t)(*at - *word);
    return *length > 0;
}

/* The number, from 0, of the word that equals the `length` bytes at `text`. */
static bool find_word(const char *words, const char *text, size_t length, uint64_t *number)
{
    const char *word;
    size_t word_length;

    for (*number = 0; next_word(&words, &word, &word_length); (*number)++)
        if (word_length == length && !strncmp(word, text, length))
            return true;
    return false;
}

/* "a, b <last> c" */
static void add_words(struct text *to, const char *words, const char *last)
{
    const char *word;
    size_t length;

    for (const char *separator = ""; next_word(&words, &word, &length);) {
        const char *next, *after = words;
        size_t next_length;

        add(to, "%s%.*s", separator, (int)length, word);
        if (!next_word(&after, &next, &next_length))
            break;
        separator = next_word(&after, &next, &next_length) ? ", " : last;
    }
}

static bool set_words(const struct options_key *key, const char *value, struct options *out)
{
    uint64_t set = 0, number;

    for (;;) {
        size_t length = 0;

        while (value[length] && value[length] != ',')
            length++;
        if (!find_word(key->words, value, length, &number))
            return false;
        set |= 1ull << number;
        if (!value[length])
            break;
        value += length + 1;
    }
    field_write(key, set, out);
    return true;
}

/* It becomes part of a xenstore path. */
static bool is_name(const char *text, bool slash)
{
    for (; *text; text++)
        if (!(*text >= 'a' && *text <= 'z') && !(*text >= 'A' && *text <= 'Z') &&
            !(*text >= '0' && *text <= '9') && *text != '-' && *text != '_' &&
            !(slash && *text == '/'))
            return false;
    return true;
}

static bool key_set(const struct options_key *key, const char *value, struct options *out)
{
    uint64_t number = UINT64_MAX;
    size_t length = strlen(value);

    switch (key->kind) {
    case KEY_CHOICE:
        if (!find_word(key->words, value, length, &number))
            return false;
        break;
    case KEY_SET:
        return set_words(key, value, out);
    case KEY_NUMBER:
        if (!(key->automatic && !strcmp(value, "auto")) &&
            !number_parse(value, key->least, key->most, &number))
            return false;
        break;
    case KEY_NAME:
    case KEY_PATH:
    case KEY_TEXT:
        if (length < key->least || length > key->most ||
            (key->kind != KEY_TEXT && !is_name(value, key->kind == KEY_PATH)))
            return false;
        memcpy((char *)out + key->offset, value, length + 1);
        return true;
    }
    field_write(key, number, out);
    return true;
}

static void show_words(const struct options_key *key, uint64_t set, struct text *to)
{
    const char *words = key->words, *word, *comma = "";
    size_t length;

    for (uint64_t i = 0; next_word(&words, &word, &length); i++)
        if (set >> i & 1) {
            add(to, "%s%.*s", comma, (int)length, word);
            comma = ",";
        }
}

static void key_show(const struct options_key *key, const struct options *options, struct text *to)
{
    const char *text = (const char *)options + key->offset;

    switch (key->kind) {
    case KEY_CHOICE:
        show_words(key, 1ull << field_read(key, options), to);
        break;
    case KEY_SET:
        show_words(key, field_read(key, options), to);
        break;
    case KEY_NUMBER:
        if (is_auto(key, field_read(key, options)))
            add(to, "auto");
        else
            add(to, "%lu", field_read(key, options));
        break;
    case KEY_NAME:
    case KEY_PATH:
        add(to, "%s", text);
        break;
    case KEY_TEXT:
        add(to, "\"");
        for (; *text; text++) {
            char escaped[sizeof("\\xNN")];

            string_escape(escaped, sizeof(escaped), text, 1);
            add(to, "%s", *text == '"' ? "\\\"" : escaped);
        }
        add(to, "\"");
        break;
    }
}

void options_expected(const struct options_key *key, char *buffer, size_t size)
{
    struct text text = {buffer, size, 0};

    switch (key->kind) {
    case KEY_CHOICE:
        add_words(&text, key->words, " or ");
        break;
    case KEY_SET:
        add(&text, "one or more of ");
        add_words(&text, key->words, " and ");
        add(&text, ", separated by commas");
        break;
    case KEY_NUMBER:
        add(&text, "%s from %lu to %lu%s", key->unit, key->least, key->most,
            key->automatic ? ", or auto" : "");
        break;
    case KEY_NAME:
    case KEY_PATH:
    case KEY_TEXT:
        add(&text, "%lu to %lu %s", key->least, key->most, key->unit);
        break;
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* What stands behind a backslash at *at, which moves to its last character; 0 if nothing valid. */
static char read_escape(const char **at)
{
    const char *c = *at + 1;
    int high, low;

    if (*c == '\\' || *c == '"' || *c == '\'') {
        *at += 1;
        return *c;
    }
    if (*c != 'x' || (high = hex_digit(c[1])) < 0 || (low = hex_digit(c[2])) < 0)
        return '\0';
    if (high || low)
        *at += 3;
    return (char)(high << 4 | low);
}

/* Reads the word at *at, which starts with no blank, and moves *at behind it. */
static void read_word(const char **at, struct word *word)
{
    bool quoted = false;
    const char *c = *at;

    word->length = 0;
    word->cut = false;
    word->fault = NULL;
    for (; *c && (quoted || *c != ' '); c++) {
        char byte = *c;

        if (byte == '"') {
            quoted = !quoted;
            continue;
        }
        if (byte == '\\') {
            byte = read_escape(&c);
            if (!byte) {
                word->fault = "a backslash must stand before \\, \", ' or a byte as xNN";
                byte = '\\';
            }
        }
        if (word->length < WORD_MAX)
            word->text[word->length++] = byte;
        else
            word->cut = true;
    }
    word->text[word->length] = '\0';
    if (quoted)
        word->fault = "the double quote is never closed";
    *at = c;
}

static bool fail_unknown_key(const char *shown, struct error *err)
{
    char names[EXPECTED_SIZE];
    struct text text = {names, sizeof(names), 0};

    for (size_t i = 0; i < COUNT(keys); i++)
        add(&text, "%s%s", i == 0 ? "" : i + 1 < COUNT(keys) ? ", " : " or ", keys[i].name);
    return fail(err, XEN_EINVAL, "unknown key in \"%s\": expected %s", shown, names);
}

/* `given` has a bit for each key that came before. */
static bool apply(const struct word *word, struct options *out, unsigned int *given,
                  struct error *err)
{
    char shown[48], expected[EXPECTED_SIZE];
    size_t name_length = 0, i = 0;

    string_escape(shown, sizeof(shown), word->text, word->length);
    if (word->fault)
        return fail(err, XEN_EINVAL, "bad quoting in \"%s\": %s", shown, word->fault);

    while (word->text[name_length] && word->text[name_length] != '=')
        name_length++;
    while (i < COUNT(keys) && (strlen(keys[i].name) != name_length ||
                               strncmp(keys[i].name, word->text, name_length) != 0))
        i++;
    if (i == COUNT(keys))
        return fail_unknown_key(shown, err);
    if (*given & 1u << i)
        return fail(err, XEN_EINVAL, "\"%s\" given twice", keys[i].name);
    *given |= 1u << i;
    if (!word->cut && word->text[name_length] &&
        key_set(&keys[i], word->text + name_length + 1, out))
        return true;
    options_expected(&keys[i], expected, sizeof(expected));
    return fail(err, XEN_EINVAL, "bad value in \"%s\": expected %s", shown, expected);
}

static void set_defaults(struct options *out)
{
    for (size_t i = 0; i < COUNT(keys); i++)
        key_set(&keys[i], keys[i].default_text, out);
}

bool options_parse(const char *text, struct options *out, struct error *err)
{
    bool good = true;
    unsigned int given = 0;
    struct word word;

    set_defaults(out);
    for (;;) {
        while (*text == ' ')
            text++;
        if (!*text)
            break;
        read_word(&text, &word);
        /* Report only the first error, but keep parsing: a later word may select the console to
         * report it on. */
        good = apply(&word, out, &given, good ? err : NULL) && good;
    }
    if (!good) {
        uint32_t consoles = out->consoles, exit = out->exit, hypercall = out->hypercall;

        set_defaults(out);
        out->consoles = consoles;
        out->exit = exit;
        out->hypercall = hypercall;
    }
    return good;
}

static bool is_default(const struct options_key *key, const struct options *options)
{
    char value[QUIET_MAX];
    struct text text = {value, sizeof(value), 0};

    key_show(key, options, &text);
    return !strcmp(value, key->default_text);
}

void options_describe(const struct options *options, char *buffer, size_t size)
{
    struct text text = {buffer, size, 0};
    const char *blank = "";

    for (size_t i = 0; i < COUNT(keys); i++) {
        if (keys[i].quiet && is_default(&keys[i], options))
            continue;
        add(&text, "%s%s=", blank, keys[i].name);
        key_show(&keys[i], options, &text);
        blank = " ";
    }
}
