/* SPDX-License-Identifier: MIT */
/* The consoles that drivers register, and which of them the command line chose. */
#ifndef XENOLITH_KERNEL_CONSOLE_H
#define XENOLITH_KERNEL_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The consoles, one bit each. */
#define CONSOLE_VGA  1u
#define CONSOLE_COM1 2u
#define CONSOLE_XEN  4u

/* What a driver registers; it owns the structure, which must live for ever. */
struct console_sink {
    uint32_t id; /* one of CONSOLE_*, as in the `console` key */
    /* Shows `size` bytes of text. LF ends a line; `alarm` text is shown so that it stands out. */
    void (*write)(const char *text, size_t size, bool alarm);
    /* See console_flush(). Null where write() leaves nothing to be done. */
    void (*flush)(bool wait);
    /* kernel/console.c's own: how much of the record the sink has shown; the next sink. */
    size_t shown;
    struct console_sink *next;
};

/* Adds a sink. If its id is chosen already, it is first shown all that was written so far. */
void console_register(struct console_sink *sink);

/*
 * Chooses the sinks, a set of CONSOLE_*, that console_write() reaches; the others stay silent.
 * Until this is called nothing is shown, only recorded: the command line is not known before
 * the first lines are written. A sink is then shown what was written so far, but no line twice.
 */
void console_select(uint32_t ids);

/* Whether any registered sink is chosen: if not, nobody sees what the kernel says. */
bool console_any_active(void);

/* Writes to every chosen sink, and into the record for sinks that come later (8 KiB, then no
 * more is recorded). */
void console_write(const char *text, size_t size, bool alarm);

/* The same for the line that ends a run. If no sink is seen, it goes to console_debug(). */
void console_write_last(const char *text, size_t size, bool alarm);

/*
 * For a panic: writes to every registered sink if none was chosen yet, after showing the record,
 * else to the chosen ones; if there is none, to console_debug(). Records nothing.
 */
void console_write_emergency(const char *text, size_t size);

/* Writes to port 0xe9. On Xen it comes out in Xen's own log, at guest level, a line at a time. */
void console_debug(const char *text, size_t size);

/*
 * For who will not write for a while: tells the far side of each chosen sink what it has not been
 * told yet. With `wait`, at the end of a run, waits until it has taken everything, as long as the
 * sink's own bound allows.
 */
void console_flush(bool wait);

#endif
