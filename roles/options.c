// SPDX-License-Identifier: MIT
#include "roles/options.h"

#include <stdarg.h>
#include <stddef.h>

#include "lib/format.h"
#include "lib/number.h"
#include "lib/string.h"
#include "roles/pair/shared_page.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

// The longest word that can be right; what follows is dropped and `cut` set.
#define WORD_MAX (sizeof("message=") - 1 + OPTIONS_MESSAGE_MAX)

struct word {
    char text[WORD_MAX + 1];
    size_t length;
    bool cut;
    const char *fault; // what is wrong with its quoting, or NULL
};

struct text {
    char *buffer;
    size_t size;
    size_t used;
};

struct key {
    const char *name;
    const char *expected;
    bool (*set)(const struct key *key, const char *value, struct options *out);
    void (*show)(const struct key *key, const struct options *options, struct text *to);
    size_t offset;              // of the field in struct options, for set_choice and numbers
    const char *const *choices; // for set_choice: names in the order of the enum, then NULL
    uint32_t least, most;       // for set_number and set_plain_number
    uint32_t automatic;         // for set_number: what `auto` stands for
    bool rare;                  // described only where it is not the default
};

static const char *const roles[] = {
    [ROLE_NONE] = "none",     [ROLE_SELFTEST] = "selftest",   [ROLE_WRITER] = "writer",
    [ROLE_READER] = "reader", [ROLE_HYPERCALL] = "hypercall", NULL,
};
static const char *const hypercalls[] = {
    [HYPERCALL_PAGE] = "page",
    [HYPERCALL_DIRECT] = "direct",
    NULL,
};
static const char *const ways[] = {
    [BY_MAP] = "map",
    [BY_COPY] = "copy",
    NULL,
};
static const char *const exits[] = {
    [EXIT_POWEROFF] = "poweroff",
    [EXIT_HALT] = "halt",
    NULL,
};
static const struct {
    const char *name;
    uint32_t bit;
} consoles[] = {{"vga", CONSOLE_VGA}, {"com1", CONSOLE_COM1}, {"xen", CONSOLE_XEN}};

static const struct options defaults = {
    .role = ROLE_NONE,
    .peer = OPTIONS_PEER_AUTO,
    .gref = OPTIONS_GREF_AUTO,
    .name = "default",
    .wait = 60,
    .count = 1,
    .grants = 1,
    .hold = OPTIONS_HOLD_AUTO,
    .by = BY_MAP,
    .message = "Hello from one guest to another, through a granted page!",
    .hypercall = HYPERCALL_PAGE,
    .consoles = CONSOLE_VGA | CONSOLE_COM1,
    .exit = EXIT_POWEROFF,
};

__attribute__((format(printf, 2, 3))) static void add(struct text *to, const char *format, ...)
{
    va_list arguments;
    size_t room = to->size - to->used, length;

    va_start(arguments, format);
    length = (size_t)format_v(to->buffer + to->used, room, format, arguments);
    va_end(arguments);
    if (room)
        to->used += length < room ? length : room - 1;
}

// The fields of an enum and of a uint32_t are read and written alike.
_Static_assert(sizeof(enum options_role) == sizeof(uint32_t), "role");
_Static_assert(sizeof(enum hypercall_method) == sizeof(uint32_t), "hypercall");
_Static_assert(sizeof(enum options_access) == sizeof(uint32_t), "by");
_Static_assert(sizeof(enum options_exit) == sizeof(uint32_t), "exit");

static void field_write(const struct key *key, uint32_t value, struct options *out)
{
    memcpy((char *)out + key->offset, &value, sizeof(value));
}

static uint32_t field_read(const struct key *key, const struct options *options)
{
    uint32_t value;

    memcpy(&value, (const char *)options + key->offset, sizeof(value));
    return value;
}

static bool matches(const char *name, const char *text, size_t length)
{
    return strlen(name) == length && !strncmp(name, text, length);
}

static bool set_choice(const struct key *key, const char *value, struct options *out)
{
    for (uint32_t i = 0; key->choices[i]; i++) {
        if (!strcmp(value, key->choices[i])) {
            field_write(key, i, out);
            return true;
        }
    }
    return false;
}

static void show_choice(const struct key *key, const struct options *options, struct text *to)
{
    add(to, "%s", key->choices[field_read(key, options)]);
}

static bool set_plain_number(const struct key *key, const char *value, struct options *out)
{
    uint32_t number;

    if (!number_parse32(value, key->least, key->most, &number))
        return false;
    field_write(key, number, out);
    return true;
}

static void show_plain_number(const struct key *key, const struct options *options, struct text *to)
{
    add(to, "%u", field_read(key, options));
}

static bool set_number(const struct key *key, const char *value, struct options *out)
{
    if (strcmp(value, "auto") != 0)
        return set_plain_number(key, value, out);
    field_write(key, key->automatic, out);
    return true;
}

static void show_number(const struct key *key, const struct options *options, struct text *to)
{
    if (field_read(key, options) == key->automatic)
        add(to, "auto");
    else
        show_plain_number(key, options, to);
}

static bool set_consoles(const struct key *key, const char *value, struct options *out)
{
    uint32_t set = 0;

    (void)key;
    for (;;) {
        size_t length = 0, i = 0;

        while (value[length] && value[length] != ',')
            length++;
        while (i < COUNT(consoles) && !matches(consoles[i].name, value, length))
            i++;
        if (i == COUNT(consoles))
            return false;
        set |= consoles[i].bit;
        if (!value[length])
            break;
        value += length + 1;
    }
    out->consoles = set;
    return true;
}

static void show_consoles(const struct key *key, const struct options *options, struct text *to)
{
    const char *comma = "";

    (void)key;
    for (size_t i = 0; i < COUNT(consoles); i++) {
        if (options->consoles & consoles[i].bit) {
            add(to, "%s%s", comma, consoles[i].name);
            comma = ",";
        }
    }
}

static bool set_epoch(const struct key *key, const char *value, struct options *out)
{
    (void)key;
    out->epoch_given = number_parse(value, 0, UINT64_MAX, &out->epoch_ms);
    return out->epoch_given;
}

static void show_epoch(const struct key *key, const struct options *options, struct text *to)
{
    (void)key;
    add(to, "%lu", options->epoch_ms);
}

// The name becomes part of a xenstore path.
static bool set_name(const struct key *key, const char *value, struct options *out)
{
    size_t length = strlen(value);

    (void)key;
    if (!length || length > OPTIONS_NAME_MAX)
        return false;
    for (const char *c = value; *c; c++)
        if (!(*c >= 'a' && *c <= 'z') && !(*c >= 'A' && *c <= 'Z') && !(*c >= '0' && *c <= '9') &&
            *c != '-' && *c != '_')
            return false;
    memcpy(out->name, value, length + 1);
    return true;
}

static void show_name(const struct key *key, const struct options *options, struct text *to)
{
    (void)key;
    add(to, "%s", options->name);
}

static bool set_message(const struct key *key, const char *value, struct options *out)
{
    size_t length = strlen(value);

    (void)key;
    if (!length || length > OPTIONS_MESSAGE_MAX)
        return false;
    memcpy(out->message, value, length + 1);
    return true;
}

static void show_message(const struct key *key, const struct options *options, struct text *to)
{
    (void)key;
    add(to, "\"");
    for (const char *at = options->message; *at; at++) {
        char escaped[sizeof("\\xNN")];

        string_escape(escaped, sizeof(escaped), at, 1);
        add(to, "%s", *at == '"' ? "\\\"" : escaped);
    }
    add(to, "\"");
}

#define CHOICE(field, names)                                                                       \
    .set = set_choice, .show = show_choice, .offset = offsetof(struct options, field),             \
    .choices = (names)
#define NUMBER(field, from, to, if_auto)                                                           \
    .set = set_number, .show = show_number, .offset = offsetof(struct options, field),             \
    .least = (from), .most = (to), .automatic = (if_auto)
#define PLAIN_NUMBER(field, from, to)                                                              \
    .set = set_plain_number, .show = show_plain_number, .offset = offsetof(struct options, field), \
    .least = (from), .most = (to)

_Static_assert(SHARED_PAGE_ROUNDS == 1000000, "what `count` says that it expects");

static const struct key keys[] = {
    {.name = "role",
     .expected = "writer, reader, selftest, hypercall or none",
     CHOICE(role, roles)},
    {.name = "peer",
     .expected = "a domain id from 0 to 32751, or auto",
     NUMBER(peer, 0, 0x7fef, OPTIONS_PEER_AUTO)},
    {.name = "gref",
     .expected = "a grant reference from 8 to 4294967294, or auto",
     NUMBER(gref, 8, 0xfffffffe, OPTIONS_GREF_AUTO)},
    {.name = "name",
     .rare = true,
     .expected = "1 to 31 letters, digits, - and _",
     .set = set_name,
     .show = show_name},
    {.name = "wait",
     .rare = true,
     .expected = "seconds from 1 to 3600",
     PLAIN_NUMBER(wait, 1, 3600)},
    {.name = "count",
     .rare = true,
     .expected = "rounds from 1 to 1000000",
     PLAIN_NUMBER(count, 1, SHARED_PAGE_ROUNDS)},
    {.name = "grants",
     .rare = true,
     .expected = "references from 1 to 4194304",
     PLAIN_NUMBER(grants, 1, 4194304)},
    {.name = "hold",
     .rare = true,
     .expected = "seconds from 0 to 3600, or auto",
     NUMBER(hold, 0, 3600, OPTIONS_HOLD_AUTO)},
    {.name = "by", .rare = true, .expected = "map or copy", CHOICE(by, ways)},
    {.name = "hypercall", .expected = "page or direct", CHOICE(hypercall, hypercalls)},
    {.name = "console",
     .expected = "one or more of vga, com1 and xen, separated by commas",
     .set = set_consoles,
     .show = show_consoles},
    {.name = "exit", .expected = "poweroff or halt", CHOICE(exit, exits)},
    {.name = "epoch",
     .expected = "milliseconds as a decimal number below 2^64",
     .set = set_epoch,
     .show = show_epoch},
    {.name = "message",
     .expected = "a text of 1 to 1024 bytes",
     .set = set_message,
     .show = show_message},
};
#define KEY_NAMES                                                                                  \
    "role, peer, gref, message, name, wait, count, grants, hold, by, hypercall, console, exit or " \
    "epoch"

const char *options_key_name(uint32_t number)
{
    return number < COUNT(keys) ? keys[number].name : NULL;
}

const char *options_role_name(uint32_t role)
{
    return role < COUNT(roles) ? roles[role] : NULL;
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

// What stands behind a backslash at *at, which moves to its last character; 0 if nothing valid.
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

// Reads the word at *at, which starts with no blank, and moves *at behind it.
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

// `given` has a bit for each key that came before.
static bool apply(const struct word *word, struct options *out, unsigned int *given,
                  struct error *err)
{
    char shown[48];
    size_t name_length = 0;

    string_escape(shown, sizeof(shown), word->text, word->length);
    if (word->fault)
        return fail(err, XEN_EINVAL, "bad quoting in \"%s\": %s", shown, word->fault);

    while (word->text[name_length] && word->text[name_length] != '=')
        name_length++;
    for (size_t i = 0; i < COUNT(keys); i++) {
        const struct key *key = &keys[i];

        if (!matches(key->name, word->text, name_length))
            continue;
        if (*given & 1u << i)
            return fail(err, XEN_EINVAL, "\"%s\" given twice", key->name);
        *given |= 1u << i;
        if (word->cut || !word->text[name_length] ||
            !key->set(key, word->text + name_length + 1, out))
            return fail(err, XEN_EINVAL, "bad value in \"%s\": expected %s", shown, key->expected);
        return true;
    }
    return fail(err, XEN_EINVAL, "unknown key in \"%s\": expected " KEY_NAMES, shown);
}

bool options_parse(const char *text, struct options *out, struct error *err)
{
    bool good = true;
    unsigned int given = 0;
    struct word word;

    *out = defaults;
    for (;;) {
        struct error another;

        while (*text == ' ')
            text++;
        if (!*text)
            break;
        read_word(&text, &word);
        // Only the first fault is told, but the rest is still read: it may name the consoles to
        // tell it on.
        if (!apply(&word, out, &given, good ? err : &another))
            good = false;
    }
    if (!good) {
        struct options kept = defaults;

        kept.consoles = out->consoles;
        kept.exit = out->exit;
        kept.hypercall = out->hypercall;
        *out = kept;
    }
    return good;
}

static bool is_default(const struct key *key, const struct options *options)
{
    char given[OPTIONS_NAME_MAX + 1], usual[sizeof(given)];
    struct text to_given = {given, sizeof(given), 0}, to_usual = {usual, sizeof(usual), 0};

    key->show(key, options, &to_given);
    key->show(key, &defaults, &to_usual);
    return !strcmp(given, usual);
}

void options_describe(const struct options *options, char *buffer, unsigned int size)
{
    struct text text = {buffer, size, 0};
    const char *blank = "";

    for (size_t i = 0; i < COUNT(keys); i++) {
        if (keys[i].set == set_epoch && !options->epoch_given)
            continue;
        if (keys[i].rare && is_default(&keys[i], options))
            continue;
        add(&text, "%s%s=", blank, keys[i].name);
        keys[i].show(&keys[i], options, &text);
        blank = " ";
    }
}
