/* SPDX-License-Identifier: MIT */
#include "kernel/console.h"

#include "arch/x86_64/cpu.h"
#include "lib/bitmap.h"
#include "lib/string.h"

#define RECORD_SIZE 8192
#define ALL_SINKS   0xffffffffu
#define DEBUG_PORT  0xe9

static struct console_sink *sinks;
static uint32_t chosen;

/* Alarm text keeps its colour in the record as a bit per byte. */
static char record[RECORD_SIZE];
static uint64_t record_alarm[BITMAP_WORDS(RECORD_SIZE)];
static size_t recorded;

static void record_add(const char *text, size_t size, bool alarm)
{
    if (size > RECORD_SIZE - recorded)
        size = RECORD_SIZE - recorded;
    memcpy(record + recorded, text, size);
    for (size_t i = 0; alarm && i < size; i++)
        bitmap_set(record_alarm, recorded + i);
    recorded += size;
}

/* Shows what the sink has not shown yet. */
static void catch_up(struct console_sink *sink)
{
    for (size_t from = sink->shown, to; from < recorded; from = to) {
        bool alarm = bitmap_test(record_alarm, from);

        for (to = from + 1; to < recorded && bitmap_test(record_alarm, to) == alarm;)
            to++;
        sink->write(record + from, to - from, alarm);
    }
    sink->shown = recorded;
}

void console_register(struct console_sink *sink)
{
    sink->next = sinks;
    sinks = sink;
    console_select(chosen);
}

void console_select(uint32_t ids)
{
    chosen = ids;
    for (struct console_sink *sink = sinks; sink; sink = sink->next)
        if (chosen & sink->id)
            catch_up(sink);
}

bool console_any_active(void)
{
    for (const struct console_sink *sink = sinks; sink; sink = sink->next)
        if (chosen & sink->id)
            return true;
    return false;
}

static void write_chosen(const char *text, size_t size, bool alarm)
{
    for (struct console_sink *sink = sinks; sink; sink = sink->next)
        if (chosen & sink->id) {
            sink->write(text, size, alarm);
            sink->shown = recorded;
        }
}

void console_write(const char *text, size_t size, bool alarm)
{
    record_add(text, size, alarm);
    write_chosen(text, size, alarm);
}

void console_write_last(const char *text, size_t size, bool alarm)
{
    console_write(text, size, alarm);
    if (!console_any_active())
        console_debug(text, size);
}

void console_write_emergency(const char *text, size_t size)
{
    if (chosen == 0)
        console_select(ALL_SINKS);
    write_chosen(text, size, true);
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
    for (const struct console_sink *sink = sinks; sink; sink = sink->next)
        if ((chosen & sink->id) && sink->flush)
            sink->flush(wait);
}
