/* SPDX-License-Identifier: MIT */
/* Runs one of the programs that the kernel carries. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/program.h"
#include "lib/error.h"
#include "lib/units.h"
#include "user/programs.h"

#define RUN_NS_MAX (60 * NS_PER_SECOND) /* enough for any that ends by itself */

/* How a program ended, and how many bytes it wrote. */
struct outcome {
    struct program_end end;
    uint64_t written;
};

/*
 * Prepares what programs need: the timer that ends them, and the page from which they read the
 * clock. Call it once, and after a restore. Fails with Xen's error.
 */
bool run_init(struct error *err);

/*
 * Runs a program to its end.
 *   argument   for the program
 *   ns_max     how long it may run, ns
 *   mute       what it writes is not printed
 * False, which it prints: it cannot be loaded, or there is no timer.
 */
bool run(enum program_number number, uint64_t argument, uint64_t ns_max, bool mute,
         struct outcome *out);
