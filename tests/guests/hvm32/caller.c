/* SPDX-License-Identifier: MIT */
/*
 * Calls assignment_3 from 32-bit code: if a translation were missing in Xen, or a field not of
 * fixed width, this is where it would show. Speaks TAP on COM1 or, where there is none, on
 * port 0xe9, Xen's own log.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/sched.h>

#include "kernel/tap.h"
#include "lib/string.h"
#include "roles/hypercall/conformance.h"
#include "tests/guests/caller32.h"
#include "xen/abi/assignment_3.h"
#include "xen/assignment.h"

#define RANDOM_CALLS 10000
#define COM1         0x3f8
#define MIB          (1u << 20)

extern uint8_t hypercall_page[4096];
int hypercall_2(unsigned int number, unsigned int first, const void *second);
void caller_main(void);

static void out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t in8(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static void cpuid(uint32_t leaf, uint32_t out[4])
{
    __asm__ volatile("cpuid" : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3]) : "a"(leaf));
}

/* A FIFO's worth at once: one exit from the guest, where one for each byte takes minutes. */
static void print_on_com1(const char *text)
{
    size_t left = strlen(text);

    while (left) {
        const char *from = text;
        uint32_t size = left < 16 ? (uint32_t)left : 16;

        for (unsigned int i = 0; i < 100000 && !(in8(COM1 + 5) & 0x20); i++)
            ;
        text += size;
        left -= size;
        __asm__ volatile("rep outsb" : "+S"(from), "+c"(size) : "d"(COM1) : "memory");
    }
}

void print(const char *text)
{
    /* The scratch register keeps what is written to it, where there is a UART. */
    static int com1 = -1;

    if (com1 < 0) {
        out8(COM1 + 7, 0x5a);
        com1 = in8(COM1 + 7) == 0x5a;
    }
    if (com1)
        print_on_com1(text);
    else
        for (; *text; text++)
            out8(0xe9, (uint8_t)*text);
}

int64_t assignment_call(unsigned int command, void *argument)
{
    return hypercall_2(__HYPERVISOR_assignment_3, command, argument);
}

int64_t assignment_multicall(struct multicall_entry *entries, unsigned int count)
{
    return hypercall_2(__HYPERVISOR_multicall, (uintptr_t)entries, (const void *)(uintptr_t)count);
}

static void stop(unsigned int reason)
{
    struct sched_shutdown shutdown = {.reason = reason};

    hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &shutdown);
    out8(0xf4, (uint8_t)reason); /* no Xen: QEMU's isa-debug-exit */
    for (;;)
        __asm__ volatile("hlt");
}

/* Xen's leaves, and from them the hypercall page and our domain id. False if there is no Xen. */
static bool find_xen(uint32_t *domid)
{
    uint32_t leaf[4];

    for (uint32_t base = 0x40000000; base <= 0x4000ff00; base += 0x100) {
        cpuid(base, leaf);
        if (leaf[1] != 0x566e6558 || leaf[2] != 0x65584d4d || leaf[3] != 0x4d4d566e)
            continue;
        uint32_t last = leaf[0];
        cpuid(base + 2, leaf);
        __asm__ volatile("wrmsr" : : "c"(leaf[1]), "a"(hypercall_page), "d"(0) : "memory");
        *domid = CONFORMANCE_DOMID_ANY;
        if (last >= base + 4) {
            cpuid(base + 4, leaf);
            if (leaf[0] & 1u << 4)
                *domid = leaf[2];
        }
        return true;
    }
    return false;
}

void caller_main(void)
{
    static uint8_t buffer[CONFORMANCE_BUFFER_SIZE] __attribute__((aligned(CONFORMANCE_PAGE)));
    static uint8_t arguments[CONFORMANCE_PAGE] __attribute__((aligned(CONFORMANCE_PAGE)));
    struct conformance conformance = {
        .buffer = buffer,
        .arguments = arguments,
        .unmapped = 0x80000000,
        .end = 12 * MIB,
        .read_only = 4 * MIB,
        .hvm = true,
    };

    out8(COM1 + 3, 0x80); /* 115200 8n1, FIFOs, no interrupts */
    out8(COM1, 1);
    out8(COM1 + 1, 0);
    out8(COM1 + 3, 3);
    out8(COM1 + 2, 7);

    say("TAP version 13\n");
    if (!find_xen(&conformance.domid)) {
        say("1..0 # SKIP no Xen hypervisor\n>> RESULT: SKIP (no Xen hypervisor)\n");
        stop(SHUTDOWN_poweroff);
    }
    if (tap_check(assignment_call(ASSIGNMENT_3_info, buffer) != -XEN_ENOSYS,
                  "Xen has the hypercall, for 32-bit callers")) {
        conformance_run(&conformance);
        conformance_run_random(&conformance, RANDOM_CALLS, 32);
    }
    stop(verdict() ? SHUTDOWN_poweroff : SHUTDOWN_crash);
}
