/* SPDX-License-Identifier: MIT */
/*
 * Ring 3: how it is entered, and how SYSCALL comes back. AMD APM volume 2, 6.1; Intel SDM volume 2,
 * SYSCALL and SYSRET.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/traps.h"
#include "lib/error.h"

/* The flags that a system call starts without, whatever ring 3 has set. */
#define SYSCALL_FLAGS_CLEARED (FLAGS_IF | FLAGS_DF | FLAGS_TF | FLAGS_NT | FLAGS_AC | FLAGS_IOPL)

/*
 * Sets up SYSCALL, takes the FPU away from ring 3, and switches on SMEP, SMAP and UMIP where the
 * CPU has them. Call once, after gdt_init() and traps_init(). XEN_ENOSYS: the CPU has no SYSCALL.
 */
bool syscall_init(struct error *err);

/* For a vCPU that starts with the control registers and the EFER that syscall_init() has left. */
void syscall_load(void);

/*
 * Enters ring 3 with the registers of `start`, of which RIP, RSP and FLAGS_IF matter to the kernel.
 * Returns when the handler of traps_register_user() has called user_leave(). Does not nest.
 */
void user_enter(const struct trap_frame *start);

/* Makes `frame`, with which ring 3 has entered the kernel, return from user_enter() instead. */
void user_leave(struct trap_frame *frame);

/*
 * Whether SYSRET gives ring 3 what `frame` says: it takes RIP from RCX and the flags from R11. With
 * a RIP that is not canonical it faults in ring 0 on some CPUs; with TF the next exception would
 * come too early. Pure.
 */
bool syscall_may_sysret(const struct trap_frame *frame);
