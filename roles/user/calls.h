/* SPDX-License-Identifier: MIT */
/* The system calls that programs of role=user have: kernel/syscalls.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/program.h"

/*
 * Gets ready for one program. Returns its services.
 *   deadline   monotonic ns, when the program has to end
 *   mute       SYS_WRITE does everything but print
 * Needs timer_init().
 */
const struct program_services *calls_begin(uint64_t deadline, bool mute);

/* After the program: stops its timer. Returns how many bytes it has written. */
uint64_t calls_end(void);
