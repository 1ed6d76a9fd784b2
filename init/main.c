/* SPDX-License-Identifier: MIT */
#include <stdnoreturn.h>

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/gdt.h"
#include "arch/x86_64/memlayout.h"
#include "arch/x86_64/paging.h"
#include "arch/x86_64/traps.h"
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
#include "xen/hypercall.h"
#include "xen/shared_info.h"
#include "xen/shutdown.h"
#include "xen/unpopulated.h"
#include "xen/version.h"

noreturn void kmain(uint32_t magic, uint32_t start);

static bool read_boot_info(uint32_t magic, uint32_t start, struct boot_info *boot,
                           struct error *err)
{
    const void *memory = (const void *)0; /* the identity map starts at address 0 */

    return magic == MBI_LOADER_MAGIC ? mbi_parse(memory, IDENTITY_LIMIT, start, boot, err)
                                     : pvh_parse(memory, IDENTITY_LIMIT, start, boot, err);
}

static void print_memory(const struct boot_info *boot)
{
    uint64_t ram = 0;

    for (uint32_t i = 0; i < boot->memory_count; i++)
        if (boot->memory[i].type == BOOT_MEMORY_RAM)
            ram += boot->memory[i].size;
    printk("RAM: %lu KiB, memory map of %u entries\n", ram / 1024, boot->memory_count);
}

static void print_command_line(const struct options *options)
{
    static char text[OPTIONS_DESCRIBE_SIZE];

    options_describe(options, text, sizeof(text));
    printk("Command line: ");
    for (size_t at = 0, size = strlen(text); at < size; at += PRINTK_MAX)
        printk("%.*s", PRINTK_MAX, text + at); /* it may be longer than one call takes */
    printk("\n");
}

static void print_xen(const struct xen_info *xen)
{
    printk(">> XEN VERSION: major = %u : minor = %u\n", xen->major, xen->minor);
    printk("CPUID leaves: %u from 0x%x, hypercall MSR 0x%x\n", xen->count, xen->base,
           xen->hypercall_msr);
    version_print();
    if (xen->domid_known)
        printk("Own domain id: %u\n", xen->domid);
    else
        printk("Own domain id: not told by this Xen\n");
    printk("Hypercalls: by %s\n", hypercall_method_name());
}

static void print_clocks(const char *when)
{
    printk(">> %s monotonic clock: %lu seconds\n", when, ns_to_seconds_ceil(clock_monotonic_ns()));
    printk(">> %s wall clock: %lu seconds\n", when, ns_to_seconds_ceil(clock_wall_ns()));
}

/* boot/boot.asm jumps here, in long mode, interrupts off, with what the loader left in EAX, EBX. */
noreturn void kmain(uint32_t magic, uint32_t start)
{
    static struct boot_info boot;
    static struct options options;
    struct xen_info xen;
    struct error err;

    stop_register(boot_stop);
    gdt_init();
    traps_init(panic_on_trap);

    vga_init();
    serial_init();
    printk(">> Control transferred to the kernel!\n");

    /* What is wrong here is reported only once Xen can be told to crash this domain. */
    bool boot_ok = read_boot_info(magic, start, &boot, &err);
    paging_unmap(0, 1); /* it may have held the loader's tables; from now on null pointers fault */
    boot_ok = options_parse(boot.cmdline, &options, &err) && boot_ok;

    console_select(options.consoles);
    if (options.exit == EXIT_HALT)
        stop_by_halting();
    if (boot_ok) {
        printk("Boot protocol: %s%s%s\n", boot.protocol, boot.loader[0] ? ", by " : "",
               boot.loader);
        print_command_line(&options);
    }

    if (!xen_detect(&xen)) {
        if (!boot_ok)
            verdict_fail(err.text);
        printk("No Xen underneath: what needs it is skipped\n");
        verdict_skip("no Xen hypervisor");
    }
    printk(">> Xen hypervisor detected!\n");

    struct error hypercall_why;
    if (!hypercall_init(&xen, options.hypercall, &hypercall_why))
        verdict_fail(hypercall_why.text);
    shutdown_init();

    /* Xen's console waits by the clock, so it has to wait for that one. */
    struct error memory_why;
    bool mapped = unpopulated_init(&boot, &memory_why) && shared_info_init(&memory_why);
    if (mapped && ((options.consoles & CONSOLE_XEN) || !console_any_active())) {
        console_select(options.consoles | CONSOLE_XEN);
        xen_console_init();
    }
    if (!boot_ok)
        verdict_fail(err.text);
    print_xen(&xen);
    if (!mapped)
        verdict_fail(memory_why.text);
    print_memory(&boot);
    printk("shared_info: at gfn 0x%lx\n", (uintptr_t)shared_info() / PAGE_SIZE);

    print_clocks("Initial");
    if (!clock_sleep(NS_PER_SECOND, &err))
        verdict_fail(err.text);
    print_clocks("Current");
    assignment_print();

    if (!role_run(&options, &xen, &err))
        verdict_fail(err.text);

    printk("Boot to verdict: %lu TSC cycles\n", tsc_read_ordered() - boot_tsc);
    verdict_pass();
}
