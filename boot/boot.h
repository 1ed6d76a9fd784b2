/* SPDX-License-Identifier: MIT */
/* What boot/boot.asm offers to C. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The TSC, in ticks, when the loader had handed over. */
extern uint64_t boot_tsc;

/* The page that Xen fills with hypercall stubs; before that, 4096 bytes of HYPERCALL_POISON. */
#define HYPERCALL_POISON 0xcc
extern const uint8_t hypercall_page[4096];

/*
 * Ends the machine for as long as xen/ is not up: by SCHEDOP_shutdown from 32-bit mode where there
 * is a Xen; else by QEMU's isa-debug-exit at port 0xf4 (exit status 1, after a crash 7); else halts
 * forever. Does not return.
 */
void boot_stop(bool crash);
