/* SPDX-License-Identifier: MIT */
/*
 * The kernel's command line: key=value words from GRUB's `multiboot2` line or xl's `cmdline=`.
 * Pure: no hardware. The table of keys is in README.md.
 */
#ifndef XENOLITH_ROLES_OPTIONS_H
#define XENOLITH_ROLES_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/console.h"
#include "lib/error.h"
#include "xen/hypercall.h"

#define OPTIONS_MESSAGE_MAX   1024 /* bytes, without the NUL */
#define OPTIONS_NAME_MAX      31
#define OPTIONS_DESCRIBE_SIZE (4 * OPTIONS_MESSAGE_MAX + 320)
#define OPTIONS_PEER_AUTO     0xffffffffu
#define OPTIONS_GREF_AUTO     0xffffffffu
#define OPTIONS_HOLD_AUTO     0xffffffffu

enum options_role { ROLE_NONE, ROLE_SELFTEST, ROLE_WRITER, ROLE_READER, ROLE_HYPERCALL };
enum options_access { BY_MAP, BY_COPY };
enum options_exit { EXIT_POWEROFF, EXIT_HALT };

struct options {
    enum options_role role;
    uint32_t peer;                   /* a domain id, 0 to 0x7fef, or OPTIONS_PEER_AUTO */
    uint32_t gref;                   /* a grant reference, 8 to 0xfffffffe, or OPTIONS_GREF_AUTO */
    char name[OPTIONS_NAME_MAX + 1]; /* of a pair: letters, digits, - and _ */
    uint32_t wait;                   /* seconds that each wait lasts at the most, 1 to 3600 */
    uint32_t count;                  /* rounds, 1 to 1000000 */
    uint32_t grants;                 /* references for the page, 1 to 4194304 */
    uint32_t hold; /* seconds that the reader keeps the page, to 3600, or OPTIONS_HOLD_AUTO */
    enum options_access by;
    char message[OPTIONS_MESSAGE_MAX + 1];
    enum hypercall_method hypercall;
    uint32_t consoles; /* CONSOLE_*, never empty */
    enum options_exit exit;
    bool epoch_given;
    uint64_t epoch_ms; /* UNIX time, in ms, at which the host's monotonic clock was zero */
};

/*
 * Parses `text` into `out`. Words are separated by spaces. Double quotes keep the spaces between
 * them, whether they stand around a value or, as GRUB writes them, around a whole word. A
 * backslash stands before `\`, `"` or `'`, as GRUB writes it, or before xNN, the byte of that
 * hexadecimal value (not 00), as options_describe writes it. Keys that are not given have the
 * defaults of the table. Nothing is guessed: an unknown key, a bad value, a key given twice, an
 * open quote or any other backslash returns false with the first such word (escaped) and what was
 * expected in `why`, and `out` is then all defaults but for the consoles, exit and hypercall keys
 * that did parse, before that word or behind it.
 */
bool options_parse(const char *text, struct options *out, struct error *err);

/* The names of the keys and of the roles, by number from 0 on; NULL beyond the last. */
const char *options_key_name(uint32_t number);
const char *options_role_name(uint32_t role);

/*
 * Writes the whole of `line` as one line of key=value words into `buffer` of `size` bytes: what the
 * kernel prints as "the command line as parsed". Defaults are included, but for the keys from name
 * to by, which most runs have no use for. The message comes last,
 * quoted and escaped so that parsing the line gives `line` again. OPTIONS_DESCRIBE_SIZE is enough
 * for every line; a smaller buffer cuts the text.
 */
void options_describe(const struct options *options, char *buffer, unsigned int size);

#endif
