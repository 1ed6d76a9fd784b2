/* SPDX-License-Identifier: MIT */
/* What a program in C has: system calls (kernel/syscalls.h). A negative result is an error. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/syscalls.h"

/* From user/crt.asm. */
int64_t sys_write(const void *text, size_t size);
int64_t sys_clock(void);
int64_t sys_sleep(uint64_t ns);

/* Any system call. */
int64_t sys_call(uint64_t number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
                 uint64_t a6);

/* A program: gets the argument that the kernel started it with; returns its exit code. */
typedef uint64_t program(uint64_t argument);

#define PROGRAM(id, function) program function;
#include "user/programs.def"
#undef PROGRAM
