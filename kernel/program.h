/* SPDX-License-Identifier: MIT */
/*
 * Programs in ring 3: loads one, runs it to its end, and tells how it ended. Whatever a program
 * does, the kernel goes on.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

#define PROGRAM_DESCRIPTION_SIZE 160

/* What a program gets from above. */
struct program_services {
    /* A system call: the arguments are as ring 3 gave them. Returns what goes into RAX. */
    int64_t (*call)(uint64_t number, const uint64_t arguments[6]);
    /* Whether the program has to end. Asked after each interrupt, and nothing else ends a program
     * that does not end by itself. */
    bool (*time_is_up)(void);
    /* A page of the kernel that is at USER_CLOCK, read-only; NULL: none. */
    const void *clock;
};

enum program_ending {
    PROGRAM_EXITED,  /* by SYS_EXIT */
    PROGRAM_TRAPPED, /* by an exception */
    PROGRAM_TIME_UP, /* it ran for too long */
    PROGRAM_STRAYED, /* it made a system call that would return outside of the user half */
};

struct program_end {
    enum program_ending how;
    uint64_t code;          /* EXITED: what it passed to SYS_EXIT */
    uint64_t vector, error; /* TRAPPED */
    uint64_t address;       /* TRAPPED by #PF: what it touched */
    uint64_t rip;
};

/*
 * Loads a program into an empty user half and runs it until it ends. If it does not exit by itself,
 * prints a line that says why.
 *   file, size   an ELF file, see lib/elf.h
 *   arguments    what the program finds in RDI and RSI
 *   end          set to how it ended
 * XEN_EINVAL: not a program that can be loaded; XEN_ENOMEM: it is too large.
 */
bool program_run(const void *file, size_t size, const uint64_t arguments[2],
                 const struct program_services *services, struct program_end *end,
                 struct error *err);

/* For `call` of the services: ends the program when that returns. */
void program_exit(uint64_t code);

/* Writes how a program ended as text, without where. */
void program_describe(const struct program_end *end, char *text, size_t size);

/* The forbidden flags with which the kernel has run for a program; must be 0. */
uint64_t program_leaked_flags(void);
