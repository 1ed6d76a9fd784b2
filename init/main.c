/* SPDX-License-Identifier: MIT */
#include <stdnoreturn.h>

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/gdt.h"
#include "arch/x86_64/memlayout.h"
#include "arch/x86_64/paging.h"
#include "arch/x86_64/syscall.h"
#include "arch/x86_64/traps.h"
#include "arch/x86_64/vcpu.h"
#include "boot/boot.h"
#include "boot/mbi.h"
#include "boot/pvh.h"
#include "drivers/serial/serial.h"
#include "drivers/vga/vga.h"
#include "kernel/console.h"
#include "kernel/panic.h"
#include "kernel/printk.h"
#include "kernel/stop.h"
#include "kernel/verdict.h"
#include "lib/string.h"
#include "lib/units.h"
#include "roles/role.h"
#include "xen/assignment.h"
#include "xen/clock.h"
#include "xen/console.h"
#include "xen/detect.h"
#include "xen/evtchn.h"
#include "xen/hypercall.h"
#include "xen/lifecycle.h"
#include "xen/result.h"
#include "xen/shared_info.h"
#include "xen/shutdown.h"
#include "xen/unpopulated.h"
#include "xen/vcpus.h"
#include "xen/version.h"

/* The Makefile defines XENOLITH_VERSION, from the file VERSION, without quotes. */
#define QUOTE(text)       #text
#define QUOTE_VALUE(name) QUOTE(name)

noreturn void kmain(uint32_t magic, uint32_t start);

static struct {
    struct boot_info boot;
    struct options options;
    struct xen_info xen;
} state;

/* Until Xen can be asked to end this domain. */
static void stop_by_boot(enum stop_reason reason)
{
    boot_stop(reason == STOP_CRASH);
}

/* Ends the run with the verdict FAIL unless `good`; SKIP where the toolstack cut it short. */
static void require(bool good, const struct error *err)
{
    if (good)
        return;
    if (err->code == LIFECYCLE_STOP)
        verdict_skip(err->text);
    verdict_fail(err->text);
}

/* Reads what the loader said, then unmaps page 0, which may have held it: null pointers fault. */
static bool read_boot_info(uint32_t magic, uint32_t start, struct error *err)
{
    const void *memory = (const void *)0; /* the identity map starts at address 0 */
    bool good = magic == MBI_LOADER_MAGIC
                    ? mbi_parse(memory, IDENTITY_LIMIT, start, &state.boot, err)
                    : pvh_parse(memory, IDENTITY_LIMIT, start, &state.boot, err);

    paging_unmap(0, 1);
    return good;
}

static void select_consoles_and_exit(void)
{
    console_select(state.options.consoles);
    if (state.options.exit == EXIT_HALT)
        stop_by_halting();
}

static void print_boot_info(void)
{
    static char text[OPTIONS_DESCRIBE_SIZE];
    const struct boot_info *boot = &state.boot;

    printk("Boot protocol: %s%s%s\n", boot->protocol, boot->loader[0] ? ", by " : "", boot->loader);
    options_describe(&state.options, text, sizeof(text));
    printk("Command line: ");
    for (size_t at = 0, size = strlen(text); at < size; at += PRINTK_MAX)
        printk("%.*s", PRINTK_MAX, text + at); /* it may be longer than one call takes */
    printk("\n");
}

/* A guest with neither screen nor UART is heard on Xen's console alone. */
static void add_xen_console(void)
{
    if (!(state.options.consoles & CONSOLE_XEN) && console_any_active())
        return;
    console_select(state.options.consoles | CONSOLE_XEN);
    xen_console_init(NULL);
}

static void print_xen(void)
{
    const struct xen_info *xen = &state.xen;

    printk(">> XEN VERSION: major = %u : minor = %u\n", xen->major, xen->minor);
    printk("CPUID leaves: %u from 0x%x, hypercall MSR 0x%x\n", xen->count, xen->base,
           xen->hypercall_msr);
    version_print();
    if (xen->domid_known)
        printk("Own domain id: %u\n", xen->domid);
    else
        printk("Own domain id: not reported by this Xen\n");
    printk("Hypercalls: by %s\n", hypercall_method_name());
}

static void print_memory(void)
{
    const struct boot_info *boot = &state.boot;
    uint64_t ram = 0;

    for (uint32_t i = 0; i < boot->memory_count; i++)
        if (boot->memory[i].type == BOOT_MEMORY_RAM)
            ram += boot->memory[i].size;
    printk("RAM: %lu KiB, memory map of %u entries\n", ram / 1024, boot->memory_count);
    printk("shared_info: at gfn 0x%lx\n", (uintptr_t)shared_info() / PAGE_SIZE);
}

/* Without a toolstack that talks to us the run goes on. */
static void listen_to_toolstack(void)
{
    struct error err;

    if (lifecycle_init(&state.xen, &err))
        printk("Toolstack: control/shutdown is watched\n");
    else
        printk("Toolstack: control/shutdown is not watched: %s\n", err.text);
}

static bool start_vcpus(struct error *err)
{
    if (!vcpus_init(err))
        return false;
    if (vcpu_count() > 1)
        printk("vCPUs: %u are up, events come by %s\n", vcpu_count(),
               evtchn_has_own_vectors() ? "each one's own vector" : "the callback vector");
    return true;
}

static bool print_clocks(const char *when, struct error *err)
{
    uint64_t monotonic = clock_monotonic_ns(), wall = clock_wall_ns();

    if (!clock_check(err))
        return false;
    printk(">> %s monotonic clock: %lu seconds\n", when, ns_to_seconds_ceil(monotonic));
    printk(">> %s wall clock: %lu seconds\n", when, ns_to_seconds_ceil(wall));
    return true;
}

/*
 * boot/boot.asm comes here, in long mode, interrupts off, with what the loader left in EAX, EBX.
 * One line is one step. Before shutdown_init() a failure is kept: only Xen can be told to crash
 * this domain, and only its console may be there to say why.
 */
noreturn void kmain(uint32_t magic, uint32_t start)
{
    struct error boot_err, memory_err, clock_err, err;

    stop_register(stop_by_boot);
    gdt_init();
    traps_init(panic_on_trap);
    vga_init(NULL);
    serial_init(NULL);
    printk(">> Control transferred to the kernel!\n");
    printk("Xenolith " QUOTE_VALUE(XENOLITH_VERSION) "\n");

    bool boot_ok = read_boot_info(magic, start, &boot_err);
    bool options_ok = options_parse(state.boot.cmdline, &state.options, boot_ok ? &boot_err : NULL);
    boot_ok = boot_ok && options_ok;
    select_consoles_and_exit();
    if (boot_ok)
        print_boot_info();

    printk(">> Initializing system calls...\n");
    require(syscall_init(&err), &err);

    if (!xen_detect(&state.xen, &err)) {
        require(boot_ok, &boot_err);
        printk("No Xen hypervisor: skipping everything that needs it\n");
        verdict_skip(err.text);
    }
    printk(">> Xen hypervisor detected!\n");
    require(hypercall_init(&state.xen, state.options.hypercall, &err), &err);
    shutdown_init();
    bool memory_ok = unpopulated_init(&state.boot, &memory_err) && shared_info_init(&memory_err);
    if (memory_ok) { /* their waits need the clock */
        add_xen_console();
        result_init();
    }
    require(boot_ok, &boot_err);
    print_xen();
    require(memory_ok, &memory_err);
    print_memory();

    require(print_clocks("Initial", &err), &err);
    require(clock_sleep(NS_PER_SECOND, &err), &err);
    require(print_clocks("Current", &err), &err);
    require(vcpus_find(&err), &err);
    listen_to_toolstack(); /* its waits need a clock that has been seen to go */
    require(lifecycle_look(&err), &err);
    require(start_vcpus(&err), &err);
    assignment_print();

    bool role_ok = role_run(&state.options, &state.xen, &err);
    require(clock_check(&clock_err), &clock_err); /* else its waits mean nothing */
    require(role_ok, &err);
    printk("Boot to verdict: %lu TSC cycles\n", tsc_read_ordered() - boot_tsc);
    verdict_pass();
}
