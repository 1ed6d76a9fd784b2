/* SPDX-License-Identifier: MIT */
#include "kernel/verdict.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "kernel/console.h"
#include "kernel/sanitizer.h"
#include "kernel/stop.h"
#include "lib/error.h"
#include "lib/format.h"

__attribute__((format(printf, 2, 3))) static void say(bool alarm, const char *text, ...)
{
    char line[ERROR_SIZE + 32];
    va_list arguments;

    va_start(arguments, text);
    console_write_last(line, format_cut(line, sizeof(line), text, arguments), alarm);
    va_end(arguments);
}

noreturn void verdict_pass(void)
{
    if (sanitizer_reports() > 0)
        verdict_fail("the sanitizer reported undefined behaviour");
    say(false, ">> RESULT: PASS\n");
    stop(STOP_POWEROFF);
}

noreturn void verdict_fail(const char *reason)
{
    say(true, ">> RESULT: FAIL (%s)\n", reason);
    stop(STOP_CRASH);
}

noreturn void verdict_skip(const char *reason)
{
    say(false, ">> RESULT: SKIP (%s)\n", reason);
    stop(STOP_POWEROFF);
}
