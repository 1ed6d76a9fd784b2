/* SPDX-License-Identifier: MIT */
/*
 * CPU exceptions: caught, handed to one handler, or expected and resumed. Interrupts: off, but for
 * the moments in which a wait lets them in.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define TRAP_DE  0
#define TRAP_DB  1
#define TRAP_NMI 2
#define TRAP_BP  3
#define TRAP_UD  6
#define TRAP_NM  7
#define TRAP_DF  8
#define TRAP_SS  12
#define TRAP_GP  13
#define TRAP_PF  14
#define TRAP_MC  18

#define TRAP_COUNT   32 /* vectors that the architecture reserves for exceptions */
#define VECTOR_COUNT 256
#define TRAP_SYSCALL 256 /* no vector: SYSCALL has none */

/* Bits of a page fault's error code. Intel SDM volume 3, 4.7. */
#define PAGE_FAULT_PRESENT (1u << 0) /* the page is there: its rights forbade the access */
#define PAGE_FAULT_WRITE   (1u << 1)
#define PAGE_FAULT_USER    (1u << 2) /* ring 3 did it */
#define PAGE_FAULT_FETCH   (1u << 4)

/* What arch/x86_64/traps_entry.asm and syscall_entry.asm push, lowest address first. */
struct trap_frame {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rdx, rcx, rbx, rax;
    uint64_t vector, error;
    uint64_t rip, cs, rflags, rsp, ss; /* pushed by the CPU */
};

/* A handler for exceptions that nobody expected does not return; one for interrupts does. */
typedef void (*trap_handler)(const struct trap_frame *frame);

/*
 * Loads an IDT: `fatal` gets each exception that no probe expects, and each interrupt that has no
 * handler. Turns the 8259s off. Call once.
 */
void traps_init(trap_handler fatal);

/* Loads the same IDT, on another vCPU. */
void traps_load(void);

/* From now on `handler` gets the interrupts of `vector`, TRAP_COUNT to VECTOR_COUNT - 1. */
void interrupts_register(unsigned int vector, trap_handler handler);

/*
 * From now on `handler` gets everything that enters the kernel from ring 3: system calls,
 * exceptions, and interrupts after their own handlers. What it leaves in the frame is what ring 3
 * goes on with. NMI, #DF and #MC are no program's doing and go to the handler of traps_init().
 */
typedef void user_handler(struct trap_frame *frame);
void traps_register_user(user_handler *handler);

/* Handles the pending interrupts, and turns interrupts off again. */
void interrupts_drain(void);

/* The short name of exception `vector`, for example "#PF". "#??" where there is none. */
const char *trap_name(uint64_t vector);

/* What a probe ran into. */
struct trap_report {
    bool trapped;
    uint64_t vector, error, rip;
    uint64_t address; /* CR2; meaningful for #PF only */
};

/*
 * Calls `action(argument)`; an exception in it ends the call and is described in `report` instead
 * of being fatal. The action must not keep state across the fault: it is left as by longjmp.
 * Probes do not nest; each vCPU may have one. Returns report->trapped.
 */
bool trap_probe(void (*action)(uintptr_t argument), uintptr_t argument, struct trap_report *report);
