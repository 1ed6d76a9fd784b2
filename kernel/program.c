/* SPDX-License-Identifier: MIT */
#include "kernel/program.h"

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/memlayout.h"
#include "arch/x86_64/syscall.h"
#include "arch/x86_64/traps.h"
#include "arch/x86_64/user_memory.h"
#include "kernel/printk.h"
#include "lib/elf.h"
#include "lib/format.h"
#include "lib/string.h"

static struct {
    const struct program_services *services;
    struct program_end end;
    bool exiting;
    uint64_t leaked_flags;
} state;

/* ---- Loading ---- */

static bool load_segment(const uint8_t *file, const struct elf_segment *s, struct error *err)
{
    enum user_rights rights = s->executable ? USER_EXECUTE : s->writable ? USER_WRITE : USER_READ;

    for (uint64_t at = 0; at < s->memory_size; at += PAGE_SIZE) {
        uint64_t left = at < s->file_size ? s->file_size - at : 0;
        void *page;

        if (!user_memory_map(s->address + at, rights, &page, err))
            return false;
        memcpy(page, file + s->offset + at, left < PAGE_SIZE ? left : PAGE_SIZE);
    }
    return true;
}

/* The stack and the clock come first: a segment that wants their place is refused. */
static bool load(const void *file, size_t size, uint64_t *entry, struct error *err)
{
    struct elf_program program;

    user_memory_clear();
    if (!elf_parse(file, size, USER_START, USER_END, &program, err))
        return false;
    for (uint64_t at = USER_STACK; at < USER_STACK_TOP; at += PAGE_SIZE)
        if (!user_memory_map(at, USER_WRITE, NULL, err))
            return false;
    if (state.services->clock && !user_memory_share(USER_CLOCK, state.services->clock, err))
        return false;
    for (uint32_t i = 0; i < program.count; i++)
        if (!load_segment(file, &program.segments[i], err))
            return false;
    *entry = program.entry;
    return true;
}

/* ---- What comes in from ring 3 ---- */

static void end_program(struct trap_frame *frame, enum program_ending how)
{
    state.end.how = how;
    state.end.rip = frame->rip;
    user_leave(frame);
}

static void on_call(struct trap_frame *frame)
{
    const uint64_t arguments[6] = {frame->rdi, frame->rsi, frame->rdx,
                                   frame->r10, frame->r8,  frame->r9};

    frame->rax = (uint64_t)state.services->call(frame->rax, arguments);
    if (state.exiting)
        end_program(frame, PROGRAM_EXITED);
    else if (frame->rip >= USER_END)
        end_program(frame, PROGRAM_STRAYED); /* neither SYSRET nor IRET may see it */
}

static void on_exception(struct trap_frame *frame)
{
    uint64_t address = frame->vector == TRAP_PF ? cr2_read() : 0;

    if (frame->vector == TRAP_PF && user_memory_demand(address))
        return;
    state.end.vector = frame->vector;
    state.end.error = frame->error;
    state.end.address = address;
    end_program(frame, PROGRAM_TRAPPED);
}

/* Of the kernel's, which are ring 3's if they were not cleared; AC, too, if a copy has left it. */
static void look_at_flags(void)
{
    state.leaked_flags |= flags_read() & SYSCALL_FLAGS_CLEARED;
}

static void on_entry(struct trap_frame *frame)
{
    look_at_flags();
    if (frame->vector == TRAP_SYSCALL)
        on_call(frame);
    else if (frame->vector < TRAP_COUNT)
        on_exception(frame);
    else if (state.services->time_is_up())
        end_program(frame, PROGRAM_TIME_UP);
    look_at_flags();
}

/* ---- Running ---- */

bool program_run(const void *file, size_t size, const uint64_t arguments[2],
                 const struct program_services *services, struct program_end *end,
                 struct error *err)
{
    struct trap_frame start = {
        .rdi = arguments[0],
        .rsi = arguments[1],
        .rsp = USER_STACK_TOP,
        .rflags = FLAGS_ALWAYS | FLAGS_IF,
    };

    state.services = services;
    state.end = (struct program_end){.how = PROGRAM_EXITED};
    state.exiting = false;
    if (!load(file, size, &start.rip, err))
        return false;
    traps_register_user(on_entry);
    user_enter(&start);
    *end = state.end;
    if (end->how != PROGRAM_EXITED) {
        char text[PROGRAM_DESCRIPTION_SIZE];

        program_describe(end, text, sizeof(text));
        printk("Program ended at 0x%lx: %s\n", end->rip, text);
    }
    return true;
}

void program_exit(uint64_t code)
{
    state.exiting = true;
    state.end.code = code;
}

static const char *page_fault_reason(const struct program_end *end)
{
    if (!user_range_holds(end->address, 1))
        return "is outside of the user half";
    if (!(end->error & PAGE_FAULT_PRESENT))
        return "is not mapped";
    if (end->error & PAGE_FAULT_FETCH)
        return "is not executable";
    return end->error & PAGE_FAULT_WRITE ? "is read-only" : "is protected";
}

void program_describe(const struct program_end *end, char *text, size_t size)
{
    switch (end->how) {
    case PROGRAM_EXITED:
        format(text, size, "exit with code %ld", end->code);
        break;
    case PROGRAM_TRAPPED:
        if (end->vector == TRAP_PF)
            format(text, size, "#PF, it %s 0x%lx, which %s",
                   end->error & PAGE_FAULT_FETCH   ? "executed"
                   : end->error & PAGE_FAULT_WRITE ? "wrote to"
                                                   : "read",
                   end->address, page_fault_reason(end));
        else
            format(text, size, "%s, error code 0x%lx", trap_name(end->vector), end->error);
        break;
    case PROGRAM_TIME_UP:
        format(text, size, "its time is up");
        break;
    case PROGRAM_STRAYED:
        format(text, size, "its system call would return to an address that is not canonical");
        break;
    }
}

uint64_t program_leaked_flags(void)
{
    return state.leaked_flags;
}
