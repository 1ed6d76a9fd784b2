/* SPDX-License-Identifier: MIT */
/*
 * The kernel's command line: key=value words from GRUB's `multiboot2` line or xl's `cmdline=`.
 * Pure: no hardware. The table of keys is in README.md.
 */
#ifndef XENOLITH_KERNEL_CMDLINE_H
#define XENOLITH_KERNEL_CMDLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/why.h"

#define CMDLINE_MESSAGE_MAX   1024 /* bytes, without the NUL */
#define CMDLINE_NAME_MAX      31
#define CMDLINE_DESCRIBE_SIZE (4 * CMDLINE_MESSAGE_MAX + 320)
#define CMDLINE_PEER_AUTO     0xffffffffu
#define CMDLINE_GREF_AUTO     0xffffffffu
#define CMDLINE_HOLD_AUTO     0xffffffffu

enum cmdline_role { ROLE_NONE, ROLE_SELFTEST, ROLE_WRITER, ROLE_READER, ROLE_HYPERCALL };
enum cmdline_hypercall { HYPERCALL_PAGE, HYPERCALL_DIRECT };
enum cmdline_by { BY_MAP, BY_COPY };
enum cmdline_exit { EXIT_POWEROFF, EXIT_HALT };

/* A set of consoles. */
#define CONSOLE_VGA  1u
#define CONSOLE_COM1 2u
#define CONSOLE_XEN  4u

struct cmdline {
    enum cmdline_role role;
    uint32_t peer;                   /* a domain id, 0 to 0x7fef, or CMDLINE_PEER_AUTO */
    uint32_t gref;                   /* a grant reference, 8 to 0xfffffffe, or CMDLINE_GREF_AUTO */
    char name[CMDLINE_NAME_MAX + 1]; /* of a pair: letters, digits, - and _ */
    uint32_t wait;                   /* seconds that each wait lasts at the most, 1 to 3600 */
    uint32_t count;                  /* rounds, 1 to 1000000 */
    uint32_t grants;                 /* references for the page, 1 to 4194304 */
    uint32_t hold; /* seconds that the reader keeps the page, to 3600, or CMDLINE_HOLD_AUTO */
    enum cmdline_by by;
    char message[CMDLINE_MESSAGE_MAX + 1];
    enum cmdline_hypercall hypercall;
    uint32_t consoles; /* CONSOLE_*, never empty */
    enum cmdline_exit exit;
    bool epoch_given;
    uint64_t epoch_ms; /* UNIX time, in ms, at which the host's monotonic clock was zero */
};

/*
 * Parses `text` into `out`. Words are separated by spaces. Double quotes keep the spaces between
 * them, whether they stand around a value or, as GRUB writes them, around a whole word. A
 * backslash stands before `\`, `"` or `'`, as GRUB writes it, or before xNN, the byte of that
 * hexadecimal value (not 00), as cmdline_describe writes it. Keys that are not given have the
 * defaults of the table. Nothing is guessed: an unknown key, a bad value, a key given twice, an
 * open quote or any other backslash returns false with the first such word (escaped) and what was
 * expected in `why`, and `out` is then all defaults but for the consoles, exit and hypercall keys
 * that did parse, before that word or behind it.
 */
bool cmdline_parse(const char *text, struct cmdline *out, struct why *why);

/* The names of the keys and of the roles, by number from 0 on; NULL beyond the last. */
const char *cmdline_key_name(uint32_t number);
const char *cmdline_role_name(uint32_t role);

/*
 * Writes the whole of `line` as one line of key=value words into `buffer` of `size` bytes: what the
 * kernel prints as "the command line as parsed". Defaults are included, but for the keys from name
 * to by, which most runs have no use for. The message comes last,
 * quoted and escaped so that parsing the line gives `line` again. CMDLINE_DESCRIBE_SIZE is enough
 * for every line; a smaller buffer cuts the text.
 */
void cmdline_describe(const struct cmdline *line, char *buffer, unsigned int size);

#endif
