/* SPDX-License-Identifier: MIT */
#include "drivers/vga/vga.h"

#include <stdint.h>

#include "arch/x86_64/cpu.h"
#include "kernel/console.h"
#include "lib/string.h"

#define COLUMNS 80
#define ROWS    25

#define FRAME_BUFFER 0xb8000

#define CRTC_INDEX       0x3d4
#define CRTC_DATA        0x3d5
#define CRTC_CURSOR_HIGH 0x0e
#define CRTC_CURSOR_LOW  0x0f

#define ATTRIBUTE_NORMAL 0x07 /* light grey on black */
#define ATTRIBUTE_ALARM  0x0c /* light red on black */

/*
 * Under Xen each access to the frame buffer leaves the guest, so it is only ever written, whole
 * rows at a time, from this copy.
 */
static struct {
    uint16_t screen[ROWS][COLUMNS];
    unsigned int row, column;
    bool scrolled; /* since the last show: every row has moved */
} state;

static void crtc_write(uint8_t index, uint8_t value)
{
    port_write8(CRTC_INDEX, index);
    port_write8(CRTC_DATA, value);
}

static uint8_t crtc_read(uint8_t index)
{
    port_write8(CRTC_INDEX, index);
    return port_read8(CRTC_DATA);
}

static void move_cursor(void)
{
    unsigned int cell = state.row * COLUMNS + (state.column < COLUMNS ? state.column : COLUMNS - 1);

    crtc_write(CRTC_CURSOR_HIGH, (uint8_t)(cell >> 8));
    crtc_write(CRTC_CURSOR_LOW, (uint8_t)cell);
}

/* One string instruction, which Xen emulates in one go where it would trap on each store. */
static void show_rows(unsigned int first, unsigned int last)
{
    const void *from = state.screen[first];
    uint64_t to = FRAME_BUFFER + first * sizeof(state.screen[0]);
    uint64_t words = (last - first + 1) * sizeof(state.screen[0]) / sizeof(uint64_t);

    __asm__ volatile("rep movsq" : "+S"(from), "+D"(to), "+c"(words) : : "memory");
}

static void clear_row(unsigned int which)
{
    for (unsigned int i = 0; i < COLUMNS; i++)
        state.screen[which][i] = ATTRIBUTE_NORMAL << 8 | ' ';
}

static void new_line(void)
{
    state.column = 0;
    if (state.row < ROWS - 1) {
        state.row++;
        return;
    }
    state.scrolled = true;
    memmove(state.screen[0], state.screen[1], sizeof(state.screen) - sizeof(state.screen[0]));
    clear_row(ROWS - 1);
}

static void put_char(char c, uint8_t attribute)
{
    if (c == '\n') {
        new_line();
        return;
    }
    if (state.column == COLUMNS)
        new_line();
    state.screen[state.row][state.column++] = (uint16_t)(attribute << 8 | (uint8_t)c);
}

static void vga_write(const char *text, size_t size, bool alarm)
{
    unsigned int first = state.row;

    for (size_t i = 0; i < size; i++)
        put_char(text[i], alarm ? ATTRIBUTE_ALARM : ATTRIBUTE_NORMAL);
    show_rows(state.scrolled ? 0 : first, state.row);
    state.scrolled = false;
    move_cursor();
}

bool vga_init(struct error *err)
{
    static struct console_sink sink = {.id = CONSOLE_VGA, .write = vga_write};

    crtc_write(CRTC_CURSOR_LOW, 0x5a);
    if (crtc_read(CRTC_CURSOR_LOW) != 0x5a)
        return fail(err, XEN_ENODEV, "no VGA: its cursor register does not keep what is written");
    for (unsigned int i = 0; i < ROWS; i++)
        clear_row(i);
    show_rows(0, ROWS - 1);
    move_cursor();
    console_register(&sink);
    return true;
}
