/* SPDX-License-Identifier: MIT */
/* role=user: runs the programs of user/ in ring 3, as TAP. */
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/gdt.h"
#include "arch/x86_64/memlayout.h"
#include "arch/x86_64/syscall.h"
#include "kernel/printk.h"
#include "kernel/tap.h"
#include "roles/role.h"
#include "roles/user/hostile.h"
#include "roles/user/run.h"
#include "xen/abi/xen.h"
#include "xen/hypercall.h"
#include "xen/lifecycle.h"

#define EXIT_CODE       0x0123456789abcdefull
#define HYPERCALL_COUNT 10000

/* Runs a program that counts what is not as it should be. */
static void check_program(enum program_number number, const char *what)
{
    struct outcome out;

    tap_check(run(number, 0, RUN_NS_MAX, false, &out) && out.end.how == PROGRAM_EXITED &&
                  out.end.code == 0,
              "program: %s", what);
}

static void check_hello(enum program_number number, const char *language)
{
    struct outcome out;

    tap_check(run(number, 0, RUN_NS_MAX, false, &out) && out.end.how == PROGRAM_EXITED &&
                  out.written > 0 && out.end.code == out.written,
              "program: one in %s prints and exits", language);
}

static void check_exit(void)
{
    struct outcome out;

    tap_check(run(RUN_EXITS, EXIT_CODE, RUN_NS_MAX, false, &out) && out.end.how == PROGRAM_EXITED &&
                  out.end.code == EXIT_CODE,
              "program: its exit code is what it passes to SYS_EXIT");
}

/* ---- The kernel's own protection ---- */

static void do_read(uintptr_t address)
{
    (void)*(volatile uint8_t *)address;
}

static void do_call(uintptr_t address)
{
    void (*code)(void) = (void (*)(void))address;

    code();
}

/* After a program, whose memory is still there. */
static void check_protection(bool present, const char *feature, const char *what,
                             void (*action)(uintptr_t), uint64_t error)
{
    struct trap_report report;

    if (!present) {
        tap_skip(what, feature);
        return;
    }
    tap_check(trap_probe(action, USER_START, &report) && report.vector == TRAP_PF &&
                  report.error == error && report.address == USER_START,
              "%s", what);
}

static void check_sysret(void)
{
    const struct trap_frame good = {
        .rip = USER_START,
        .rcx = USER_START,
        .r11 = FLAGS_ALWAYS | FLAGS_IF,
        .cs = GDT_USER_CODE,
        .rflags = FLAGS_ALWAYS | FLAGS_IF,
        .ss = GDT_USER_DATA,
    };
    struct trap_frame stray = good, single_step = good, nested = good, other = good, ring_0 = good;

    stray.rip = stray.rcx = USER_END;
    single_step.rflags = single_step.r11 = FLAGS_ALWAYS | FLAGS_IF | FLAGS_TF;
    nested.rflags = nested.r11 = FLAGS_ALWAYS | FLAGS_IF | FLAGS_NT;
    other.rcx = USER_START + 1;
    ring_0.cs = GDT_CODE;
    tap_check(syscall_may_sysret(&good), "sysret: it is used for an ordinary return");
    tap_check(!syscall_may_sysret(&stray), "sysret: not to an address that is not canonical");
    tap_check(!syscall_may_sysret(&single_step), "sysret: not with TF");
    tap_check(!syscall_may_sysret(&nested), "sysret: not with NT");
    tap_check(!syscall_may_sysret(&other), "sysret: not where RCX is not RIP");
    tap_check(!syscall_may_sysret(&ring_0), "sysret: not to ring 0");
}

/* ---- Costs ---- */

/* Of a system call that does nothing, and of a hypercall that does next to nothing. */
static void print_costs(void)
{
    struct outcome out;
    uint64_t start = tsc_read_ordered(), each;

    for (int i = 0; i < HYPERCALL_COUNT; i++)
        hypercall_xen_version(XENVER_version, NULL);
    each = (tsc_read_ordered() - start) / HYPERCALL_COUNT;
    if (tap_check(run(RUN_TICKS, 0, RUN_NS_MAX, false, &out) && out.end.how == PROGRAM_EXITED &&
                      out.end.code > 0,
                  "program: it measures a system call"))
        printk("# a system call takes %lu TSC ticks, a hypercall %lu: %lu.%lu times as many\n",
               out.end.code, each, each / out.end.code, each * 10 / out.end.code % 10);
}

static void check_ordinary(void)
{
    check_hello(RUN_HELLO, "C");
    check_hello(RUN_HELLO_ASM, "assembly");
    check_exit();
    check_program(RUN_REGISTERS, "it starts with empty registers, and a system call keeps them");
    check_program(RUN_CLOCKS, "the clock's page and SYS_CLOCK agree");
    check_program(RUN_SLEEPS, "a sleep lasts at least as long as asked");
    check_program(RUN_DEMANDS, "pages on demand are zeros, then its own");
    check_program(RUN_BAD_CALLS, "each bad system call is refused with its error");
}

static void check_kernel(void)
{
    const uint32_t features = cpuid_features().ebx;

    check_protection(features & CPUID_SMAP, "this CPU lacks SMAP",
                     "smap: the kernel cannot read its memory", do_read, PAGE_FAULT_PRESENT);
    check_protection(features & CPUID_SMEP, "this CPU lacks SMEP",
                     "smep: the kernel cannot execute its memory", do_call,
                     PAGE_FAULT_PRESENT | PAGE_FAULT_FETCH);
    check_sysret();
}

static void check_afterwards(void)
{
    check_hello(RUN_HELLO, "C, after all others,");
    print_costs();
}

bool role_user(const struct options *options, const struct xen_info *xen, struct error *err)
{
    static void (*const subjects[])(void) = {check_ordinary, check_kernel, check_hostile,
                                             check_afterwards};

    if (!run_init(err))
        return false;

    printk("TAP version 13\n");
    for (unsigned int i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
        uint32_t restores = lifecycle_restores();

        if (!lifecycle_look(err) || (lifecycle_restores() != restores && !run_init(err)))
            return false;
        subjects[i]();
    }

    unsigned int failures = tap_done();

    return failures == 0 || fail(err, XEN_EIO, "%u checks of user programs failed", failures);
}
