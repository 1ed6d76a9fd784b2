/* SPDX-License-Identifier: MIT */
/* The consoles that drivers register, and which of them the command line selected. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The consoles, one bit each, in the order of the words of the key `console`. */
#define CONSOLE_VGA  1u
#define CONSOLE_COM1 2u
#define CONSOLE_XEN  4u

/* What a driver registers; it owns the structure, which must live forever. */
struct console_sink {
    uint32_t id; /* one of CONSOLE_* */
    /* Shows `size` bytes of text. LF ends a line; `alarm` text is shown so that it stands out. */
    void (*write)(const char *text, size_t size, bool alarm);
    /* See console_flush(). NULL where write() leaves nothing to be done. */
    void (*flush)(bool wait);
    /* kernel/console.c's own: how much of the backlog the sink has shown; the next sink. */
    size_t shown;
    struct console_sink *next;
};

/* Adds a sink. If its id is selected already, it first shows everything written so far. */
void console_register(struct console_sink *sink);

/*
 * Selects the sinks that console_write() reaches, a set of CONSOLE_*; the others stay silent.
 * Before the first call nothing is shown, only kept: the first lines are written before the command
 * line is known. A sink then shows what was written so far, but no line twice.
 */
void console_select(uint32_t ids);

/* Whether any registered sink is selected: if not, nobody sees what the kernel says. */
bool console_any_active(void);

/* Writes to every selected sink, and into the backlog, of 8 KiB, for sinks that come later. */
void console_write(const char *text, size_t size, bool alarm);

/* The same for the line that ends a run. If no sink is active, it goes to console_debug(). */
void console_write_last(const char *text, size_t size, bool alarm);

/*
 * For a panic: writes to the selected sinks; if none was selected yet, to all, after the backlog;
 * if there is none, to console_debug(). Keeps nothing.
 */
void console_write_emergency(const char *text, size_t size);

/* Writes to port 0xe9. On Xen it comes out in Xen's own log, at guest level, a line at a time. */
void console_debug(const char *text, size_t size);

/*
 * For code that will not write for a while: announces to the far side of each selected sink what it
 * does not know yet. With `wait`, at the end of a run, waits until it has taken everything, as long
 * as the sink's own bound allows.
 */
void console_flush(bool wait);
