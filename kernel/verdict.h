/* SPDX-License-Identifier: MIT */
/*
 * The one line that ends every run, and the end that goes with it. Where no console is up yet, the
 * line goes into Xen's own log.
 */
#pragma once

#include <stdnoreturn.h>

/*
 * Makes `publish` a second place that learns the verdict, just before the line is shown: as the
 * line has it, without `>> RESULT: `. A panic does not call it.
 */
typedef void (*verdict_publisher)(const char *verdict);
void verdict_register(verdict_publisher publish);

/* `>> RESULT: PASS`, then stop as poweroff; a FAIL if the sanitizer reported anything. */
noreturn void verdict_pass(void);

/* `>> RESULT: FAIL (why)`, then stop as crash. */
noreturn void verdict_fail(const char *reason);

/* `>> RESULT: SKIP (why)`, then stop as poweroff. */
noreturn void verdict_skip(const char *reason);
