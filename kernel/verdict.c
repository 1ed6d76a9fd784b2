/* SPDX-License-Identifier: MIT */
#include "kernel/verdict.h"

#include <stdbool.h>
#include <stddef.h>

#include "kernel/console.h"
#include "kernel/sanitizer.h"
#include "kernel/stop.h"
#include "lib/error.h"
#include "lib/format.h"
#include "lib/string.h"

static struct {
    verdict_publisher publish;
} state;

void verdict_register(verdict_publisher publish)
{
    state.publish = publish;
}

static void announce(bool alarm, const char *word, const char *reason)
{
    char line[ERROR_SIZE + 32], verdict[ERROR_SIZE + 16];

    if (reason)
        format(verdict, sizeof(verdict), "%s (%s)", word, reason);
    else
        format(verdict, sizeof(verdict), "%s", word);
    if (state.publish)
        state.publish(verdict);
    format(line, sizeof(line), ">> RESULT: %s\n", verdict);
    console_write_last(line, strlen(line), alarm);
}

noreturn void verdict_pass(void)
{
    if (sanitizer_reports() > 0)
        verdict_fail("the sanitizer reported undefined behaviour");
    announce(false, "PASS", NULL);
    stop(STOP_POWEROFF);
}

noreturn void verdict_fail(const char *reason)
{
    announce(true, "FAIL", reason);
    stop(STOP_CRASH);
}

noreturn void verdict_skip(const char *reason)
{
    announce(false, "SKIP", reason);
    stop(STOP_POWEROFF);
}
