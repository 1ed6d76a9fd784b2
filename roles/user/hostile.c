/* SPDX-License-Identifier: MIT */
#include "roles/user/hostile.h"

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/memlayout.h"
#include "arch/x86_64/traps.h"
#include "kernel/printk.h"
#include "kernel/tap.h"
#include "roles/user/run.h"
#include "xen/abi/errno.h"
#include "xen/shared_info.h"

#define NOT_CANONICAL 0x8000000000000000
#define ENDLESS_NS    (NS_PER_SECOND / 5)
#define SEED          0x9e3779b97f4a7c15

/*
 * How a program may end: as a set, because CPUs differ, and so do emulators. QEMU before 9.1 reads
 * the stack of a far return or an IRET in ring 3 as ring 0, which SMAP makes a page fault; it has
 * #GP for #SS; and Xen makes INT1 a #UD on its SVM.
 */
#define BY(vector) (1u << (vector))
#define DE         BY(TRAP_DE)
#define DB         BY(TRAP_DB)
#define UD         BY(TRAP_UD)
#define NM         BY(TRAP_NM)
#define SS         BY(TRAP_SS)
#define GP         BY(TRAP_GP)
#define PF         BY(TRAP_PF)
#define EXIT       BY(TRAP_COUNT - 1) /* no exception has these vectors */
#define TIME_UP    BY(TRAP_COUNT - 5)
#define STRAYED    BY(TRAP_COUNT - 6)

/* Error codes of page faults of ring 3. */
#define READ    PAGE_FAULT_USER
#define WRITE   (PAGE_FAULT_USER | PAGE_FAULT_WRITE)
#define FETCH   (PAGE_FAULT_USER | PAGE_FAULT_FETCH)
#define PRESENT PAGE_FAULT_PRESENT

struct hostile {
    const char *what;
    enum program_number program;
    uint32_t ends;
    uint64_t argument;
    uint64_t code;           /* EXIT */
    uint64_t address, error; /* PF: where */
};

#define DOES(number, name, set, ...)                                                               \
    {                                                                                              \
        .program = (number), .what = (name), .ends = (set), __VA_ARGS__                            \
    }

static const struct hostile instructions[] = {
    DOES(RUN_TRY_HLT, "HLT", GP),
    DOES(RUN_TRY_CLI, "CLI", GP),
    DOES(RUN_TRY_STI, "STI", GP),
    DOES(RUN_TRY_CLTS, "CLTS", GP),
    DOES(RUN_TRY_INVD, "INVD", GP),
    DOES(RUN_TRY_WBINVD, "WBINVD", GP),
    DOES(RUN_TRY_INVLPG, "INVLPG", GP),
    DOES(RUN_TRY_LGDT, "LGDT", GP),
    DOES(RUN_TRY_LIDT, "LIDT", GP),
    DOES(RUN_TRY_LLDT, "LLDT", GP),
    DOES(RUN_TRY_LTR, "LTR", GP),
    DOES(RUN_TRY_LMSW, "LMSW", GP),
    DOES(RUN_TRY_READ_CR0, "a read of CR0", GP),
    DOES(RUN_TRY_WRITE_CR0, "a write to CR0", GP),
    DOES(RUN_TRY_WRITE_CR3, "a write to CR3", GP),
    DOES(RUN_TRY_WRITE_CR4, "a write to CR4", GP),
    DOES(RUN_TRY_WRITE_CR8, "a write to CR8", GP),
    DOES(RUN_TRY_WRITE_DR7, "a write to DR7", GP),
    DOES(RUN_TRY_RDMSR, "RDMSR", GP),
    DOES(RUN_TRY_WRMSR, "WRMSR", GP),
    DOES(RUN_TRY_RDPMC, "RDPMC", GP),
    DOES(RUN_TRY_SWAPGS, "SWAPGS", GP),
    DOES(RUN_TRY_SYSRET, "SYSRET", GP),
    DOES(RUN_TRY_STAC, "STAC", UD),
    DOES(RUN_TRY_XSETBV, "XSETBV", UD | GP),
    DOES(RUN_TRY_SYSENTER, "SYSENTER", UD | GP),
    DOES(RUN_TRY_VMRUN, "VMRUN", UD | GP),
    DOES(RUN_TRY_VMCALL, "VMCALL", UD | EXIT, .code = (uint64_t)-XEN_EPERM),
    DOES(RUN_TRY_VMMCALL, "VMMCALL", UD | EXIT, .code = (uint64_t)-XEN_EPERM),
    DOES(RUN_TRY_IN, "IN", GP),
    DOES(RUN_TRY_OUT, "OUT", GP),
    DOES(RUN_TRY_OUTS, "OUTS", GP),
    DOES(RUN_RAISE_IOPL, "OUT after POPF with IOPL 3", GP),
    DOES(RUN_TRY_UNDEFINED, "UD2", UD),
    DOES(RUN_TRY_BREAKPOINT, "INT3", GP),
    DOES(RUN_TRY_ICEBP, "INT1", DB | UD),
    DOES(RUN_TRY_INT_80, "INT 0x80", GP),
    DOES(RUN_TRY_INT_EVENT, "INT with the vector of events", GP),
    DOES(RUN_TRY_INT_FAULT, "INT with the vector of page faults", GP),
    DOES(RUN_TRY_FPU, "an instruction of the FPU", NM),
    DOES(RUN_TRY_SSE, "an instruction of SSE", UD),
    DOES(RUN_TRY_DIVIDE, "a division by zero", DE),
    DOES(RUN_TRY_RING_0_FAR, "a far return to ring 0", GP | PF, .argument = USER_STACK_TOP,
         .address = USER_STACK_TOP - 16, .error = PRESENT),
    DOES(RUN_TRY_RING_0_IRET, "an IRET to ring 0", GP | PF, .argument = USER_STACK_TOP,
         .address = USER_STACK_TOP - 40, .error = PRESENT),
    DOES(RUN_TRY_RING_0_SS, "a stack segment of ring 0", GP),
    DOES(RUN_SINGLE_STEP, "TF set", DB),
    DOES(RUN_SINGLE_STEP_CALL, "TF set for a system call", DB),
    DOES(RUN_KEEP_NT, "a system call and a fault with NT set", EXIT),
    DOES(RUN_KEEP_AC, "a system call and a fault with AC set", EXIT),
    DOES(RUN_KEEP_DF, "a system call and a fault with DF set", EXIT),
    DOES(RUN_KEEP_ALL, "the same with all three", EXIT),
    DOES(RUN_CALL_AT_END, "a system call that returns to 2^47", STRAYED),
    DOES(RUN_READ_FROM, "a read that is not canonical", GP, .argument = NOT_CANONICAL),
    DOES(RUN_WRITE_TO, "a write that is not canonical", GP, .argument = NOT_CANONICAL),
    DOES(RUN_EXECUTE, "a jump that is not canonical", GP, .argument = NOT_CANONICAL),
    DOES(RUN_RETURN_TO, "a return that is not canonical", GP, .argument = NOT_CANONICAL),
    DOES(RUN_PUSH_AT, "a stack that is not canonical", SS | GP, .argument = NOT_CANONICAL),
};

/* The program faults at an address that its argument leads to. */
#define FAULTS(number, name, code, with, at)                                                       \
    DOES(number, name, PF, .error = (code), .argument = (with), .address = (at))

/* The same where the argument is the address. */
#define AT(number, name, code, at) FAULTS(number, name, code, at, at)

static bool ended_as(const struct hostile *h, const struct program_end *end)
{
    switch (end->how) {
    case PROGRAM_EXITED:
        return (h->ends & EXIT) && end->code == h->code;
    case PROGRAM_TRAPPED:
        return (h->ends & BY(end->vector)) &&
               (end->vector != TRAP_PF || (end->address == h->address && end->error == h->error));
    case PROGRAM_TIME_UP:
        return h->ends & TIME_UP;
    case PROGRAM_STRAYED:
        return h->ends & STRAYED;
    }
    return false;
}

static const char *name_of(const struct program_end *end)
{
    switch (end->how) {
    case PROGRAM_EXITED:
        return "exit";
    case PROGRAM_TRAPPED:
        return trap_name(end->vector);
    case PROGRAM_TIME_UP:
        return "time is up";
    case PROGRAM_STRAYED:
        return "not canonical";
    }
    return "?";
}

static void check(const struct hostile *h, uint64_t ns_max)
{
    struct outcome out = {.written = 0};
    bool good = run(h->program, h->argument, ns_max, false, &out) && ended_as(h, &out.end);

    tap_check(good, "hostile: %s: %s", h->what, name_of(&out.end));
    if (!good) {
        char text[PROGRAM_DESCRIPTION_SIZE];

        program_describe(&out.end, text, sizeof(text));
        printk("# it ended by: %s\n", text);
    }
}

static void check_memory(void)
{
    const uint64_t text = KERNEL_BASE, constant = (uintptr_t)instructions;
    const uint64_t stack = (uintptr_t)entry_stack_bottom, ram = 0x400000;
    const uint64_t xen = (uintptr_t)shared_info(), high = 0xffff800000000000;
    const struct hostile accesses[] = {
        AT(RUN_READ_FROM, "a read of the null page", READ, 0),
        AT(RUN_READ_FROM, "a read of the kernel's text", READ | PRESENT, text),
        AT(RUN_READ_FROM, "a read of the kernel's constants", READ | PRESENT, constant),
        AT(RUN_READ_FROM, "a read of the kernel's stack", READ | PRESENT, stack),
        AT(RUN_READ_FROM, "a read of RAM", READ | PRESENT, ram),
        AT(RUN_READ_FROM, "a read of shared_info", READ | PRESENT, xen),
        AT(RUN_READ_FROM, "a read just below the user half", READ, USER_START - 1),
        AT(RUN_READ_FROM, "a read of the upper canonical half", READ, high),
        AT(RUN_READ_FROM, "a read just below the pages on demand", READ, USER_DEMAND - 1),
        AT(RUN_READ_FROM, "a read just above the pages on demand", READ, USER_DEMAND_END),
        AT(RUN_READ_FROM, "a read just above the stack", READ, USER_STACK_TOP),
        AT(RUN_WRITE_TO, "a write to the null page", WRITE, 0),
        AT(RUN_WRITE_TO, "a write to the kernel's text", WRITE | PRESENT, text),
        AT(RUN_WRITE_TO, "a write to the kernel's stack", WRITE | PRESENT, stack),
        AT(RUN_WRITE_TO, "a write to RAM", WRITE | PRESENT, ram),
        AT(RUN_WRITE_TO, "a write to shared_info", WRITE | PRESENT, xen),
        AT(RUN_WRITE_TO, "a write to its own text", WRITE | PRESENT, USER_START),
        AT(RUN_WRITE_TO, "a write to the clock's page", WRITE | PRESENT, USER_CLOCK),
        AT(RUN_EXECUTE, "a jump to the null page", FETCH, 0),
        AT(RUN_EXECUTE, "a jump to the kernel's text", FETCH | PRESENT, text),
        AT(RUN_EXECUTE, "a jump to the kernel's stack", FETCH | PRESENT, stack),
        AT(RUN_EXECUTE, "a jump to the clock's page", FETCH | PRESENT, USER_CLOCK),
        AT(RUN_EXECUTE, "a jump to a page on demand", FETCH | PRESENT, USER_DEMAND),
        FAULTS(RUN_EXECUTE_STACK, "a jump to its own stack", FETCH | PRESENT, USER_STACK_TOP,
               USER_STACK_TOP - 8),
        FAULTS(RUN_OVERFLOW, "calls without an end", WRITE, 0, USER_STACK - 8),
        FAULTS(RUN_PUSH_AT, "a push to a stack at 0", WRITE, 0, 0ull - 8),
        FAULTS(RUN_PUSH_AT, "a push to a stack in the kernel", WRITE | PRESENT, stack + 8, stack),
        FAULTS(RUN_PUSH_AFTER_CALL, "a system call, then a push, with a stack at 0", WRITE, 0,
               0ull - 8),
        FAULTS(RUN_PUSH_AFTER_CALL, "the same with a stack in the kernel", WRITE | PRESENT,
               stack + 8, stack),
    };

    for (unsigned int i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++)
        check(&accesses[i], RUN_NS_MAX);
}

/* They show where the kernel's tables are, unless the CPU has UMIP. */
static void check_umip(void)
{
    const bool umip = cpuid_features().ecx & CPUID_UMIP;
    const uint32_t ends = umip ? GP : EXIT;
    const struct hostile stores[] = {
        DOES(RUN_TRY_SGDT, umip ? "SGDT with UMIP" : "SGDT on a CPU without UMIP", ends),
        DOES(RUN_TRY_SIDT, umip ? "SIDT with UMIP" : "SIDT on a CPU without UMIP", ends),
    };

    for (unsigned int i = 0; i < sizeof(stores) / sizeof(stores[0]); i++)
        check(&stores[i], RUN_NS_MAX);
}

static void check_endless(void)
{
    static const struct hostile programs[] = {
        DOES(RUN_LOOP_FOREVER, "a loop without an end", TIME_UP),
        DOES(RUN_LOOP_WITHOUT_IF, "the same after POPF without IF", TIME_UP),
        DOES(RUN_CALL_FOREVER, "system calls without an end", TIME_UP),
        DOES(RUN_SLEEP_FOREVER, "sleep without an end", TIME_UP),
    };

    for (unsigned int i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
        check(&programs[i], ENDLESS_NS);
}

void check_hostile(void)
{
    struct outcome out;

    for (unsigned int i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++)
        check(&instructions[i], RUN_NS_MAX);
    check_umip();
    check_memory();
    check_endless();
    tap_check(run(RUN_RANDOM_CALLS, SEED, RUN_NS_MAX, true, &out) &&
                  out.end.how == PROGRAM_EXITED && out.end.code == 0 && out.written > 0,
              "hostile: 100000 random system calls from seed 0x%lx", SEED);
    tap_check(program_leaked_flags() == 0,
              "kernel: it never runs with a program's flags, nor with SMAP open");
}
