/* SPDX-License-Identifier: MIT */
/* The self-test of the CPU: its state, memory protection, exceptions, the sanitizer. */
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/gdt.h"
#include "arch/x86_64/paging.h"
#include "arch/x86_64/traps.h"
#include "arch/x86_64/vcpu.h"
#include "boot/boot.h"
#include "kernel/sanitizer.h"
#include "kernel/tap.h"
#include "roles/selftest/checks.h"

#define NOT_CANONICAL 0x8000000000000000ull

/* Boot loaders leave CR4 and the flags as they like: boot/boot.asm must not. */
void check_cpu(const struct options *options, const struct xen_info *xen)
{
    const uint64_t ours = CR4_UMIP | CR4_SMEP | CR4_SMAP;

    tap_check((cr4_read() & ~ours) == CR4_PAE && (flags_read() & ~FLAGS_ARITHMETIC) == FLAGS_ALWAYS,
              "cpu: nothing of the boot loader's is left in CR4 and the flags");
}

static void do_read(uintptr_t address)
{
    (void)*(volatile uint8_t *)address;
}

static void do_write(uintptr_t address)
{
    *(volatile uint8_t *)address = 0;
}

static void do_call(uintptr_t address)
{
    void (*code)(void) = (void (*)(void))address;

    code();
}

static void do_divide(uintptr_t zero)
{
    __asm__ volatile("xor %%edx, %%edx; div %0" : : "r"((uint32_t)zero) : "eax", "edx");
}

static void do_breakpoint(uintptr_t unused)
{
    __asm__ volatile("int3");
}

static void do_undefined(uintptr_t unused)
{
    __asm__ volatile("ud2");
}

/* The CPU finds no room to push #PF's frame, so it raises #DF, which has a stack of its own. */
static void do_overflow(uintptr_t stack_bottom)
{
    __asm__ volatile("mov %0, %%rsp; push %%rax" : : "r"(stack_bottom) : "memory");
}

static void check_trap(const char *what, void (*action)(uintptr_t), uintptr_t argument,
                       uint64_t vector, uint64_t error)
{
    struct trap_report report;

    trap_probe(action, argument, &report);
    bool passed = report.trapped && report.vector == vector && report.error == error &&
                  (vector != TRAP_PF || report.address == argument);
    tap_check(passed, "trap: %s: %s error 0x%lx", what,
              report.trapped ? trap_name(report.vector) : "no exception", report.error);
}

void check_traps(const struct options *options, const struct xen_info *xen)
{
    static const uint8_t constant = 0xc3; /* a RET, should it be executed after all */
    static uint8_t variable = 0xc3;
    uint8_t on_stack = 0xc3;
    check_trap("division by zero", do_divide, 0, TRAP_DE, 0);
    check_trap("breakpoint", do_breakpoint, 0, TRAP_BP, 0);
    check_trap("undefined instruction", do_undefined, 0, TRAP_UD, 0);
    check_trap("address that is not canonical", do_read, NOT_CANONICAL, TRAP_GP, 0);
    check_trap("stack overflow", do_overflow, vcpu_self()->stack_bottom, TRAP_DF, 0);

    const uint64_t write = PAGE_FAULT_PRESENT | PAGE_FAULT_WRITE;
    const uint64_t fetch = PAGE_FAULT_PRESENT | PAGE_FAULT_FETCH;

    check_trap("read of the null page", do_read, 8, TRAP_PF, 0);
    check_trap("read under the stack", do_read, vcpu_self()->stack_bottom - 8, TRAP_PF, 0);
    check_trap("write to text", do_write, (uintptr_t)do_write, TRAP_PF, write);
    check_trap("write to the hypercall page", do_write, (uintptr_t)hypercall_page, TRAP_PF, write);
    check_trap("write to rodata", do_write, (uintptr_t)&constant, TRAP_PF, write);
    check_trap("execution of rodata", do_call, (uintptr_t)&constant, TRAP_PF, fetch);
    check_trap("execution of data", do_call, (uintptr_t)&variable, TRAP_PF, fetch);
    check_trap("execution of the stack", do_call, (uintptr_t)&on_stack, TRAP_PF, fetch);
    check_trap("execution of memory outside the image", do_call, 0x400000, TRAP_PF, fetch);
}

/* Whether `action(argument)` ends in this exception, and leaves nothing of it behind. */
static bool is_trap(void (*action)(uintptr_t), uintptr_t argument, uint64_t vector)
{
    struct trap_report report;

    return trap_probe(action, argument, &report) && report.vector == vector &&
           (vector != TRAP_PF || report.address == argument);
}

bool traps_work_here(void)
{
    const struct vcpu *self = vcpu_self();
    bool good = is_trap(do_divide, 0, TRAP_DE) && is_trap(do_breakpoint, 0, TRAP_BP) &&
                is_trap(do_undefined, 0, TRAP_UD) && is_trap(do_read, NOT_CANONICAL, TRAP_GP) &&
                is_trap(do_read, 8, TRAP_PF) && is_trap(do_overflow, self->stack_bottom, TRAP_DF) &&
                is_trap(do_read, self->stack_bottom - 8, TRAP_PF) &&
                is_trap(do_read, self->entry_stack_bottom - 8, TRAP_PF);

    for (unsigned int i = 0; i < IST_STACKS; i++)
        good = good && is_trap(do_read, self->tss.ist[i] - IST_STACK_SIZE - 8, TRAP_PF);
    return good;
}

#ifdef XENOLITH_SANITIZE
void check_sanitizer(const struct options *options, const struct xen_info *xen)
{
    volatile int largest = 0x7fffffff;
    largest = largest + 1;
    tap_check(sanitizer_reports() == 1, "sanitizer: it reports a signed overflow");
    sanitizer_forget();
}
#else
void check_sanitizer(const struct options *options, const struct xen_info *xen)
{
    tap_skip("sanitizer: it reports a signed overflow", "built without SANITIZE=1");
}
#endif
