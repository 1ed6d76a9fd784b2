/* SPDX-License-Identifier: MIT */
/* Test results on the consoles in the Test Anything Protocol, version 13. */
#pragma once

#include <stdbool.h>

/* `ok N - name` or, as an alarm, `not ok N - name`. Returns `passed`. */
bool tap_check(bool passed, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `ok N - name # SKIP why`: counts as passed. */
void tap_skip(const char *name, const char *reason);

/* The plan, `1..N`, after the last check. Returns how many checks did not pass. */
unsigned int tap_done(void);
