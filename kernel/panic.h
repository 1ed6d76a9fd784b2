/* SPDX-License-Identifier: MIT */
/*
 * The end of a run that cannot go on. Shares nothing with printk but the consoles and what is
 * recorded for them, and allocates nothing.
 */
#pragma once

#include <stdnoreturn.h>

#include "arch/x86_64/traps.h"

/* Prints a backtrace and the verdict FAIL with the text as reason, and stops as a crash. */
noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * For traps_init(): prints the exception's name, error code, registers and backtrace, the verdict
 * `FAIL (exception #XX at RIP)`, and stops as a crash.
 */
void panic_on_trap(const struct trap_frame *frame);

/* boot/boot.asm jumps here should kmain return. */
noreturn void kmain_returned(void);
