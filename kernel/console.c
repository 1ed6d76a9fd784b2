/* SPDX-License-Identifier: MIT */
#include "kernel/console.h"

#include "kernel/string.h"

#define SINKS_MAX   3
#define RECORD_SIZE 8192
#define ALL_SINKS   0xffffffffu

static const struct console_sink *sinks[SINKS_MAX];
static unsigned int sink_count;
static uint32_t chosen;

/* Alarm text keeps its colour in the record as a bit per byte. */
static char record[RECORD_SIZE];
static uint8_t record_alarm[RECORD_SIZE / 8];
static size_t recorded;

static bool record_is_alarm(size_t at)
{
    return record_alarm[at / 8] >> at % 8 & 1;
}

static void record_add(const char *text, size_t size, bool alarm)
{
    if (size > RECORD_SIZE - recorded)
        size = RECORD_SIZE - recorded;
    memcpy(record + recorded, text, size);
    for (size_t i = 0; alarm && i < size; i++)
        record_alarm[(recorded + i) / 8] |= (uint8_t)(1u << (recorded + i) % 8);
    recorded += size;
}

static void replay(const struct console_sink *sink)
{
    for (size_t from = 0, to; from < recorded; from = to) {
        bool alarm = record_is_alarm(from);

        for (to = from + 1; to < recorded && record_is_alarm(to) == alarm;)
            to++;
        sink->write(record + from, to - from, alarm);
    }
}

void console_register(const struct console_sink *sink)
{
    if (sink_count == SINKS_MAX)
        return;
    sinks[sink_count++] = sink;
    if (chosen & sink->id)
        replay(sink);
}

void console_choose(uint32_t ids)
{
    chosen = ids;
    for (unsigned int i = 0; i < sink_count; i++)
        if (chosen & sinks[i]->id)
            replay(sinks[i]);
}

bool console_seen(void)
{
    for (unsigned int i = 0; i < sink_count; i++)
        if (chosen & sinks[i]->id)
            return true;
    return false;
}

static void write_chosen(const char *text, size_t size, bool alarm)
{
    for (unsigned int i = 0; i < sink_count; i++)
        if (chosen & sinks[i]->id)
            sinks[i]->write(text, size, alarm);
}

void console_write(const char *text, size_t size, bool alarm)
{
    record_add(text, size, alarm);
    write_chosen(text, size, alarm);
}

void console_write_emergency(const char *text, size_t size)
{
    if (chosen == 0)
        console_choose(ALL_SINKS);
    write_chosen(text, size, true);
}
