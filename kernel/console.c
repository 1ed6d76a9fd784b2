/* SPDX-License-Identifier: MIT */
#include "kernel/console.h"

#include "arch/x86_64/cpu.h"
#include "lib/bitmap.h"
#include "lib/string.h"

#define BACKLOG_SIZE 8192
#define ALL_SINKS    0xffffffffu
#define DEBUG_PORT   0xe9

static struct {
    struct console_sink *sinks;
    uint32_t selected;
    /* What was written so far, for sinks that come later; alarms keep their colour as a bit. */
    char backlog[BACKLOG_SIZE];
    uint64_t backlog_alarm[BITMAP_WORDS(BACKLOG_SIZE)];
    size_t backlog_size;
} state;

static void backlog_add(const char *text, size_t size, bool alarm)
{
    if (size > BACKLOG_SIZE - state.backlog_size)
        size = BACKLOG_SIZE - state.backlog_size;
    memcpy(state.backlog + state.backlog_size, text, size);
    for (size_t i = 0; alarm && i < size; i++)
        bitmap_set(state.backlog_alarm, state.backlog_size + i);
    state.backlog_size += size;
}

/* Shows what the sink has not shown yet. */
static void catch_up(struct console_sink *sink)
{
    for (size_t from = sink->shown, to; from < state.backlog_size; from = to) {
        bool alarm = bitmap_test(state.backlog_alarm, from);

        for (to = from + 1;
             to < state.backlog_size && bitmap_test(state.backlog_alarm, to) == alarm;)
            to++;
        sink->write(state.backlog + from, to - from, alarm);
    }
    sink->shown = state.backlog_size;
}

void console_register(struct console_sink *sink)
{
    sink->next = state.sinks;
    state.sinks = sink;
    console_select(state.selected);
}

void console_select(uint32_t ids)
{
    state.selected = ids;
    for (struct console_sink *sink = state.sinks; sink; sink = sink->next)
        if (state.selected & sink->id)
            catch_up(sink);
}

bool console_any_active(void)
{
    for (const struct console_sink *sink = state.sinks; sink; sink = sink->next)
        if (state.selected & sink->id)
            return true;
    return false;
}

static void write_selected(const char *text, size_t size, bool alarm)
{
    for (struct console_sink *sink = state.sinks; sink; sink = sink->next)
        if (state.selected & sink->id) {
            sink->write(text, size, alarm);
            sink->shown = state.backlog_size;
        }
}

void console_write(const char *text, size_t size, bool alarm)
{
    backlog_add(text, size, alarm);
    write_selected(text, size, alarm);
}

void console_write_last(const char *text, size_t size, bool alarm)
{
    console_write(text, size, alarm);
    if (!console_any_active())
        console_debug(text, size);
}

void console_write_emergency(const char *text, size_t size)
{
    if (state.selected == 0)
        console_select(ALL_SINKS);
    write_selected(text, size, true);
    if (!console_any_active())
        console_debug(text, size);
}

void console_debug(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        port_write8(DEBUG_PORT, (uint8_t)text[i]);
}

void console_flush(bool wait)
{
    for (const struct console_sink *sink = state.sinks; sink; sink = sink->next)
        if ((state.selected & sink->id) && sink->flush)
            sink->flush(wait);
}
