/* SPDX-License-Identifier: MIT */
/* The system calls that programs of role=user have: kernel/syscalls.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/program.h"

/*
 * Gets ready for a program, whose timer the caller has set to `deadline`.
 *   deadline   monotonic ns, when the program has to end
 *   mute       SYS_WRITE does everything but print
 *   services   its `call` and `time_is_up` are set
 */
void calls_begin(uint64_t deadline, bool mute, struct program_services *services);

/* How many bytes the program has written. */
uint64_t calls_written(void);
