/* SPDX-License-Identifier: MIT */
/* role=selftest: what the kernel can check about itself and about this Xen, as TAP. */
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/memlayout.h"
#include "arch/x86_64/paging.h"
#include "arch/x86_64/traps.h"
#include "boot/boot.h"
#include "kernel/printk.h"
#include "kernel/sanitizer.h"
#include "kernel/tap.h"
#include "lib/string.h"
#include "lib/units.h"
#include "roles/role.h"
#include "xen/abi/xen.h"
#include "xen/clock.h"
#include "xen/evtchn.h"
#include "xen/grant.h"
#include "xen/hypercall.h"
#include "xen/shared_info.h"
#include "xen/xenstore.h"

#define CLOCK_READS   100000
#define RAW_SLACK     (NS_PER_SECOND / 1000) /* where Xen promises nothing */
#define WALL_SLACK_MS 1000                   /* that the host's wall clock and ours may differ */
#define NOT_CANONICAL 0x8000000000000000ull

static void check_leaves(const struct xen_info *xen)
{
    tap_check(xen->base >= 0x40000000 && xen->base <= 0x4000ff00 && xen->base % 0x100 == 0,
              "leaves start where they may");
    tap_check(xen->count >= 3 && xen->count <= 0x100, "there are as many leaves as needed");
    tap_check(xen->major >= 4, "the version is 4 or later");
    tap_check(hypercall_xen_version(XENVER_version, NULL) ==
                  (int64_t)((uint32_t)xen->major << 16 | xen->minor),
              "XENVER_version says what the leaf says");
}

/* Boot loaders leave CR4 and the flags as they like: boot/boot.asm must not. */
static void check_cpu(void)
{
    tap_check(cr4_read() == CR4_PAE && (flags_read() & ~FLAGS_ARITHMETIC) == FLAGS_ALWAYS,
              "nothing of the boot loader's is left in CR4 and the flags");
}

/* Each of Xen's stubs begins with an instruction; only the end of a stub may keep the poison. */
static void check_hypercall_page(void)
{
    static const unsigned int used[] = {
        __HYPERVISOR_memory_op,      __HYPERVISOR_xen_version, __HYPERVISOR_console_io,
        __HYPERVISOR_sched_op,       __HYPERVISOR_hvm_op,      __HYPERVISOR_event_channel_op,
        __HYPERVISOR_grant_table_op,
    };
    bool overwritten = true;

    for (unsigned int i = 0; i < sizeof(used) / sizeof(used[0]); i++)
        overwritten = overwritten && hypercall_page[used[i] * 32ul] != HYPERCALL_POISON;
    tap_check(overwritten, "Xen overwrote the hypercall page's poison");
}

static void check_latch(void)
{
    tap_check(shared_info_is_64bit(), "shared_info has the 64-bit layout");
}

static void check_error(const char *what, int64_t result, int64_t expected)
{
    tap_check(result == -expected, "%s: -%s, expected -%s", what, xen_errno_name(result),
              xen_errno_name(-expected));
}

static void check_errors(const struct xen_info *xen)
{
    void *unmapped = (void *)NOT_CANONICAL;
    struct xen_add_to_physmap add = {.domid = DOMID_SELF, .space = 0xffff};
    struct xen_hvm_param param = {.domid = DOMID_SELF, .index = HVM_NR_PARAMS};
    struct sched_poll poll = {.nr_ports = 0xffff};
    struct evtchn_send send = {.port = 0xfffffff};

    check_error("xen_version, no such command", hypercall_xen_version(0xffff, NULL), XEN_ENOSYS);
    check_error("xen_version, bad pointer", hypercall_xen_version(XENVER_extraversion, unmapped),
                XEN_EFAULT);
    check_error("memory_op, no such command", hypercall_memory_op(63, NULL), XEN_ENOSYS);
    check_error("add_to_physmap, bad pointer", hypercall_memory_op(XENMEM_add_to_physmap, unmapped),
                XEN_EFAULT);
    check_error("add_to_physmap, no such space", hypercall_memory_op(XENMEM_add_to_physmap, &add),
                XEN_EINVAL);
    check_error("sched_op, no such command", hypercall_sched_op(0xffff, NULL), XEN_ENOSYS);
    check_error("shutdown, bad pointer", hypercall_sched_op(SCHEDOP_shutdown, unmapped),
                XEN_EFAULT);
    check_error("poll, too many ports", hypercall_sched_op(SCHEDOP_poll, &poll), XEN_EINVAL);
    check_error("hvm_op, no such command", hypercall_hvm_op(0xffff, NULL), XEN_ENOSYS);
    check_error("get_param, no such parameter", hypercall_hvm_op(HVMOP_get_param, &param),
                XEN_EINVAL);
    check_error("event_channel_op, no such command", hypercall_event_channel_op(0xffff, NULL),
                XEN_ENOSYS);
    check_error("send, no such port", hypercall_event_channel_op(EVTCHNOP_send, &send), XEN_EINVAL);
    check_error("memory_map, bad pointer", hypercall_memory_op(XENMEM_memory_map, unmapped),
                XEN_EFAULT);
    check_error("poll, bad pointer", hypercall_sched_op(SCHEDOP_poll, unmapped), XEN_EFAULT);
    check_error("console_io, no such command",
                hypercall(__HYPERVISOR_console_io, 0xffff, 0, 0, 0, 0),
                xen->domid_known && xen->domid == 0 ? XEN_ENOSYS : XEN_EPERM);
    check_error("grant_table_op, no such command", hypercall_grant_table_op(63, NULL, 0),
                XEN_ENOSYS);
    check_error("query_size, bad pointer",
                hypercall_grant_table_op(GNTTABOP_query_size, unmapped, 1), XEN_EFAULT);
    check_error("no such hypercall", hypercall(47, 0, 0, 0, 0, 0), XEN_ENOSYS);
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

/* The clock hides it where Xen's own readings go backwards: they are looked at as well. */
static void check_backwards(void)
{
    bool stable;
    uint64_t before = clock_monotonic_ns(), raw_before = clock_raw_ns(&stable);
    unsigned int backwards = 0, raw_backwards = 0;

    for (unsigned int i = 0; i < CLOCK_READS; i++) {
        uint64_t now = clock_monotonic_ns(), raw = clock_raw_ns(&stable);

        backwards += now < before;
        raw_backwards += raw + (stable ? 0 : RAW_SLACK) < raw_before;
        before = now;
        raw_before = raw;
    }
    tap_check(backwards == 0, "%d clock reads never went backwards", CLOCK_READS);
    tap_check(raw_backwards == 0, "nor did Xen's own readings");
    tap_check(clock_monotonic_ns() > before, "the clock moves on");
}

/* Xen says how fast the TSC is, which owes nothing to the multiplier that the clock is read with.
 */
static void check_speed(uint32_t tsc_khz)
{
    if (!tsc_khz) {
        tap_skip("the clock's speed", "this Xen does not tell the TSC's");
        return;
    }

    struct error err;
    uint64_t ticks = tsc_read_ordered(), ns = clock_monotonic_ns();
    bool slept = clock_sleep(NS_PER_SECOND, &err);

    ns = clock_monotonic_ns() - ns;
    ticks = tsc_read_ordered() - ticks;

    uint64_t by_tsc = ticks * 1000000 / tsc_khz;

    slept = tap_check(slept && by_tsc >= NS_PER_SECOND / 100 * 95 && by_tsc <= 5 * NS_PER_SECOND,
                      "a slept second is one by the TSC: 0.95 to 5 seconds");
    if (!tap_check(distance(ns, by_tsc) <= by_tsc / 20, "the clock is as fast, within 5 percent") ||
        !slept)
        printk("# %lu ns by the clock, %lu by the TSC of %u kHz\n", ns, by_tsc, tsc_khz);
}

static void check_clocks(const struct options *options, const struct xen_info *xen)
{
    check_backwards();
    check_speed(xen->tsc_khz);

    struct error err;
    uint64_t wake = clock_monotonic_ns() + NS_PER_SECOND / 10;
    tap_check(clock_sleep(NS_PER_SECOND / 10, &err) && clock_monotonic_ns() >= wake,
              "a sleep lasts at least as long as asked");

    if (options->wall_base_ms == OPTIONS_BIG_AUTO) {
        tap_skip("the wall clock is the host's", "no wall-base= on the command line");
        return;
    }
    uint64_t base_ms = clock_wall_base_ns() / NS_PER_MS;
    uint64_t apart = distance(base_ms, options->wall_base_ms);
    if (!tap_check(apart <= WALL_SLACK_MS, "the wall clock is the host's"))
        printk("# wall base %lu ms, the host's %lu ms\n", base_ms, options->wall_base_ms);
}

/* With ourselves as the other domain: all but mapping, which would take the page away from us. */
static void check_grants(const struct xen_info *xen)
{
    static uint8_t page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE))) = "granted";
    static uint8_t copy[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
    grant_ref_t first = 0, second = 0;
    uint64_t gfn = (uintptr_t)page / PAGE_SIZE;
    struct error err;

    if (!tap_check(grant_init(&err), "the grant table is mapped"))
        return;
    tap_check(grant_access(xen->domid, gfn, false, &first, &err) && first == GRANT_FIRST,
              "the first grant reference is %d", GRANT_FIRST);
    tap_check(grant_access(xen->domid, gfn, false, &second, &err) && second == first + 1,
              "the next one follows it");
    tap_check(grant_copy_from(xen->domid, first, 0, copy, sizeof(copy), &err) &&
                  memcmp(copy, page, sizeof(copy)) == 0,
              "a page is copied through its grant");
    tap_check(!grant_in_use(first) && grant_end(first), "the access ends");
    tap_check(!grant_copy_from(xen->domid, first, 0, copy, sizeof(copy), &err),
              "no copy is made after that");
    tap_check(grant_access(xen->domid, gfn, false, &first, &err) && first == GRANT_FIRST,
              "the lowest free reference comes first");
    grant_end(first);
    grant_end(second);
}

static void check_events(const struct xen_info *xen)
{
    evtchn_port_t here = 0, there = 0;
    struct error err;

    if (!tap_check(evtchn_init(&err) && evtchn_open(xen->domid, &here, &err) &&
                       evtchn_bind(xen->domid, here, &there, &err),
                   "an event channel to ourselves is bound"))
        return;

    uint64_t until = clock_monotonic_ns() + NS_PER_SECOND / 10;

    tap_check(!evtchn_wait(here, until, NULL) && clock_monotonic_ns() >= until,
              "a wait without an event lasts until its deadline");
    tap_check(evtchn_notify(there, &err) &&
                  evtchn_wait(here, clock_monotonic_ns() + 10 * NS_PER_SECOND, NULL),
              "an event arrives");
    tap_check(!evtchn_wait(here, clock_monotonic_ns() + NS_PER_SECOND / 10, NULL),
              "and arrives once");
    tap_check(evtchn_notify(there, &err) && !evtchn_wait(here, clock_monotonic_ns(), NULL) &&
                  evtchn_wait(here, clock_monotonic_ns() + 10 * NS_PER_SECOND, NULL),
              "one that comes after the deadline is kept for the next wait");
    tap_check(evtchn_connected(here), "the channel is connected");
    evtchn_close(there);
    tap_check(!evtchn_connected(here), "and is no longer, once the other end is closed");
    evtchn_close(here);
}

static bool fails_with(int code, bool good, const struct error *err)
{
    return !good && err->code == code;
}

static bool write_two(uint32_t transaction, void *unused, struct error *err)
{
    (void)unused;
    return xenstore_write(transaction, "data/selftest/a", "1", err) &&
           xenstore_write(transaction, "data/selftest/b", "two words", err);
}

/* Needs check_events(): answers are waited for. */
static void check_store(const struct xen_info *xen)
{
    const struct xenstore_permission wanted[] = {{'n', xen->domid},
                                                 {'r', DOMID_FIRST_RESERVED - 1}};
    struct xenstore_permission got[4];
    uint32_t watch = 0, count = 0, used = 0, number = 0;
    char text[32];
    struct error err;

    if (!xenstore_init(&err)) {
        tap_skip("xenstore", err.text);
        return;
    }
    tap_check(xenstore_mkdir(0, "data/selftest", &err), "a node is made");
    tap_check(xenstore_watch("data/selftest", &watch, &err) &&
                  xenstore_watch_wait(watch, clock_monotonic_ns() + NS_PER_SECOND, &err),
              "it is watched");
    tap_check(fails_with(XEN_ETIME, xenstore_watch_wait(watch, clock_monotonic_ns(), &err), &err),
              "nothing changes by itself");
    tap_check(xenstore_transaction(write_two, NULL, &err), "two are written in a transaction");
    tap_check(xenstore_watch_wait(watch, clock_monotonic_ns() + NS_PER_SECOND, &err),
              "the watch tells");
    tap_check(xenstore_unwatch("data/selftest", watch, &err), "the watch ends");
    tap_check(xenstore_directory(0, "data/selftest", text, sizeof(text), &used, &err) &&
                  used == 4 && memcmp(text, "a\0b", 4) == 0,
              "the directory lists them");
    tap_check(xenstore_read(0, "data/selftest/b", text, sizeof(text), &err) &&
                  strcmp(text, "two words") == 0,
              "a text is read");
    tap_check(xenstore_read_number(0, "data/selftest/a", 0, 9, &number, &err) && number == 1,
              "a number is read");
    tap_check(fails_with(XEN_EINVAL,
                         xenstore_read_number(0, "data/selftest/b", 0, 9, &number, &err), &err),
              "a text is no number");
    tap_check(fails_with(XEN_E2BIG, xenstore_read(0, "data/selftest/b", text, 9, &err), &err),
              "what does not fit is refused");
    tap_check(xenstore_set_permissions(0, "data/selftest/a", wanted, 2, &err) &&
                  xenstore_get_permissions(0, "data/selftest/a", got, 4, &count, &err) &&
                  count == 2 && got[0].access == 'n' && got[0].domid == wanted[0].domid &&
                  got[1].access == 'r' && got[1].domid == wanted[1].domid,
              "permissions are set and read");
    tap_check(fails_with(XEN_EACCES, xenstore_write(0, "/local/domain/0/name", "x", &err), &err),
              "dom0's name is not ours to write");
    tap_check(xenstore_rm(0, "data/selftest", &err) &&
                  fails_with(XEN_ENOENT,
                             xenstore_read(0, "data/selftest/a", text, sizeof(text), &err), &err),
              "what is removed is gone");
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
    (void)unused;
    __asm__ volatile("int3");
}

static void do_undefined(uintptr_t unused)
{
    (void)unused;
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
    tap_check(passed, "%s: %s error 0x%lx", what,
              report.trapped ? trap_name(report.vector) : "no exception", report.error);
}

static void check_traps(void)
{
    static const uint8_t constant = 0xc3; /* a RET, should it be executed after all */
    static uint8_t variable = 0xc3;
    uint8_t on_stack = 0xc3;

    check_trap("division by zero", do_divide, 0, TRAP_DE, 0);
    check_trap("breakpoint", do_breakpoint, 0, TRAP_BP, 0);
    check_trap("undefined instruction", do_undefined, 0, TRAP_UD, 0);
    check_trap("address that is not canonical", do_read, NOT_CANONICAL, TRAP_GP, 0);
    check_trap("stack overflow", do_overflow, (uintptr_t)boot_stack_bottom, TRAP_DF, 0);

    const uint64_t write = PAGE_FAULT_PRESENT | PAGE_FAULT_WRITE;
    const uint64_t fetch = PAGE_FAULT_PRESENT | PAGE_FAULT_FETCH;

    check_trap("read of the null page", do_read, 8, TRAP_PF, 0);
    check_trap("read under the stack", do_read, (uintptr_t)boot_stack_bottom - 8, TRAP_PF, 0);
    check_trap("write to text", do_write, (uintptr_t)do_write, TRAP_PF, write);
    check_trap("write to the hypercall page", do_write, (uintptr_t)hypercall_page, TRAP_PF, write);
    check_trap("write to rodata", do_write, (uintptr_t)&constant, TRAP_PF, write);
    check_trap("execution of rodata", do_call, (uintptr_t)&constant, TRAP_PF, fetch);
    check_trap("execution of data", do_call, (uintptr_t)&variable, TRAP_PF, fetch);
    check_trap("execution of the stack", do_call, (uintptr_t)&on_stack, TRAP_PF, fetch);
    check_trap("execution of memory outside the image", do_call, 0x400000, TRAP_PF, fetch);
}

#ifdef XENOLITH_SANITIZE
static void check_sanitizer(void)
{
    volatile int largest = 0x7fffffff;

    largest = largest + 1;
    tap_check(sanitizer_reports() == 1, "the sanitizer reports a signed overflow");
    sanitizer_forget();
}
#else
static void check_sanitizer(void)
{
    tap_skip("the sanitizer reports a signed overflow", "built without SANITIZE=1");
}
#endif

bool role_selftest(const struct options *options, const struct xen_info *xen, struct error *err)
{
    printk("TAP version 13\n");
    check_cpu();
    check_leaves(xen);
    check_hypercall_page();
    check_latch();
    check_errors(xen);
    check_clocks(options, xen);
    check_grants(xen);
    check_events(xen);
    check_store(xen);
    check_traps();
    check_sanitizer();

    unsigned int failures = tap_done();

    return failures == 0 || fail(err, XEN_EINVAL, "%u selftest checks failed", failures);
}
