/* SPDX-License-Identifier: MIT */
/*
 * The kernel's command line: key=value words from GRUB's `multiboot2` line or xl's `cmdline=`.
 * The keys are in roles/keys.def, the roles in roles/roles.def. Pure: no hardware.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

#define OPTIONS_AUTO          0xffffffffu
#define OPTIONS_BIG_AUTO      UINT64_MAX
#define OPTIONS_DESCRIBE_SIZE 4608 /* enough for every command line; a unit test measures it */

enum { EXIT_POWEROFF, EXIT_HALT };
enum { ACCESS_MAP, ACCESS_COPY };
enum { SIDE_AUTO, SIDE_SERVER, SIDE_CLIENT };
enum { MODE_STREAM, MODE_PACKET, MODE_IN_PLACE };
enum {
#define ROLE(id, ...) ROLE_##id,
#include "roles/roles.def"
#undef ROLE
    ROLE_COUNT
};

/* The values. For NUMBER_OR_AUTO and BIG_OR_AUTO fields see OPTIONS_AUTO, OPTIONS_BIG_AUTO. */
struct options {
#define CHOICE(field, ...)                   uint32_t field;
#define SET(field, ...)                      uint32_t field;
#define NUMBER(field, ...)                   uint32_t field;
#define NUMBER_OR_AUTO(field, ...)           uint32_t field;
#define BIG_OR_AUTO(field, ...)              uint64_t field;
#define NAME(field, key, unit, longest, ...) char field[(longest) + 1];
#define PATH(field, key, unit, longest, ...) char field[(longest) + 1];
#define TEXT(field, key, unit, longest, ...) char field[(longest) + 1];
#include "roles/keys.def"
#undef CHOICE
#undef SET
#undef NUMBER
#undef NUMBER_OR_AUTO
#undef BIG_OR_AUTO
#undef NAME
#undef PATH
#undef TEXT
};

/* A line of roles/keys.def. */
struct options_key {
    const char *name, *words, *unit, *default_text, *help;
    size_t offset, size;  /* of the field, bytes */
    uint64_t least, most; /* a number's range, a text's length in bytes */
    enum { KEY_CHOICE, KEY_SET, KEY_NUMBER, KEY_NAME, KEY_PATH, KEY_TEXT } kind;
    bool automatic; /* `auto` is a value: all bits of the field are 1 */
    bool quiet;
};

/* A line of roles/roles.def. */
struct options_role {
    const char *name, *menu, *keys, *what;
};

/* The tables. NULL beyond the last. */
const struct options_key *options_key(uint32_t number);
const struct options_role *options_role(uint32_t role);

/*
 * Parses a command line.
 *   text   words separated by spaces. Double quotes keep the spaces between them, whether around a
 *          value or, as GRUB writes them, around a whole word. A backslash stands before `\`, `"`
 *          or `'`, as GRUB writes it, or before xNN, a byte in hexadecimal (not 00).
 *   out    set to the values; where a key is not given, to its default. On failure all are defaults
 *          but `console`, `exit` and `hypercall`, where they did parse, before or after the fault.
 * XEN_EINVAL for the first unknown key, bad value, key given twice, open quote or other backslash.
 */
bool options_parse(const char *text, struct options *out, struct error *err);

/*
 * Writes the values as one line of key=value words that parses to the same values again: what the
 * kernel prints as "the command line as parsed".
 *   buffer, size   at least 1 byte; OPTIONS_DESCRIBE_SIZE is always enough, less cuts the text
 */
void options_describe(const struct options *options, char *buffer, size_t size);

/* Writes what values a key takes, as errors and README say it, into `buffer` of `size` bytes. */
void options_expected(const struct options_key *key, char *buffer, size_t size);
