/* SPDX-License-Identifier: MIT */
#include "kernel/panic.h"

#include <stdarg.h>
#include <stddef.h>

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/vcpu.h"
#include "kernel/console.h"
#include "kernel/stop.h"
#include "lib/error.h"
#include "lib/format.h"

#define BACKTRACE_MAX 16

#define COM1 0x3f8

static struct {
    struct vcpu *panicking;
} state;

__attribute__((format(printf, 1, 2))) static void say(const char *text, ...)
{
    char line[ERROR_SIZE + 32];
    va_list arguments;

    va_start(arguments, text);
    console_write_emergency(line, format_cut(line, sizeof(line), text, arguments));
    va_end(arguments);
}

/*
 * A nested panic writes one line straight to the ports: Xen's debug port and COM1. One on another
 * vCPU leaves the consoles to the first, which ends this one, too.
 */
static void enter(void)
{
    struct vcpu *self = vcpu_self(), *first = NULL;

    if (!__atomic_compare_exchange_n(&state.panicking, &first, self, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_ACQUIRE)) {
        while (first != self)
            cpu_halt();

        static const char line[] = "\n>> RESULT: FAIL (panic inside a panic)\n";

        console_debug(line, sizeof(line) - 1);
        for (size_t i = 0; i < sizeof(line) - 1; i++)
            port_write8(COM1, (uint8_t)line[i]);
        stop(STOP_CRASH);
    }
}

static noreturn void end_run(const char *reason)
{
    say(">> RESULT: FAIL (%s)\n", reason);
    stop(STOP_CRASH);
}

/* Whether a frame can be at `rbp` in the stack: a smashed one must not fault again. */
static bool is_in(uint64_t rbp, uintptr_t bottom, uintptr_t top)
{
    return rbp % 8 == 0 && rbp >= bottom && rbp <= top - 2 * sizeof(uint64_t);
}

/* Frame pointers, as long as they climb this vCPU's stack or that of what came from ring 3. */
static void backtrace(uint64_t rip, uint64_t rbp)
{
    const struct vcpu *vcpu = vcpu_self();

    say("backtrace: 0x%lx", rip);
    for (int depth = 0; depth < BACKTRACE_MAX; depth++) {
        if (!is_in(rbp, vcpu->stack_bottom, vcpu->stack_top) &&
            !is_in(rbp, vcpu->entry_stack_bottom, vcpu->entry_stack))
            break;

        const uint64_t *frame = (const uint64_t *)rbp;

        say(" 0x%lx", frame[1]);
        if (frame[0] <= rbp)
            break;
        rbp = frame[0];
    }
    say("\n");
}

noreturn void panic(const char *text, ...)
{
    char reason[ERROR_SIZE];
    va_list arguments;

    enter();
    va_start(arguments, text);
    format_v(reason, sizeof(reason), text, arguments);
    va_end(arguments);
    /* From our caller on: this frame's saved RBP is the caller's. */
    backtrace((uintptr_t)__builtin_return_address(0),
              *(const uint64_t *)__builtin_frame_address(0));
    end_run(reason);
}

void panic_on_trap(const struct trap_frame *frame)
{
    char reason[ERROR_SIZE];
    int length;

    enter();
    say("exception %s (vector %lu), error code 0x%lx\n", trap_name(frame->vector), frame->vector,
        frame->error);
    say("rip %016lx rsp %016lx rflags %08lx cr2 %016lx\n", frame->rip, frame->rsp, frame->rflags,
        cr2_read());
    say("rax %016lx rbx %016lx rcx %016lx rdx %016lx\n", frame->rax, frame->rbx, frame->rcx,
        frame->rdx);
    say("rsi %016lx rdi %016lx rbp %016lx r8  %016lx\n", frame->rsi, frame->rdi, frame->rbp,
        frame->r8);
    say("r9  %016lx r10 %016lx r11 %016lx r12 %016lx\n", frame->r9, frame->r10, frame->r11,
        frame->r12);
    say("r13 %016lx r14 %016lx r15 %016lx\n", frame->r13, frame->r14, frame->r15);
    backtrace(frame->rip, frame->rbp);
    length = format(reason, sizeof(reason), "exception %s at 0x%lx", trap_name(frame->vector),
                    frame->rip);
    if (vcpu_self()->id)
        format(reason + length, sizeof(reason) - (size_t)length, " on vCPU %u", vcpu_self()->id);
    end_run(reason);
}

noreturn void kmain_returned(void)
{
    panic("kmain returned");
}
