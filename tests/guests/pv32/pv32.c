/* SPDX-License-Identifier: MIT */
/*
 * Calls assignment_3 from a 32-bit PV guest, the one kind of caller that nothing but the handler
 * keeps from naming memory of Xen's: a 64-bit pointer in a structure reaches what Xen maps above
 * 4 GiB. Speaks TAP on Xen's console.
 */
#include <stdbool.h>
#include <stdint.h>

#include <xen/event_channel.h>
#include <xen/io/console.h>
#include <xen/sched.h>

#include "kernel/tap.h"
#include "lib/crc32c.h"
#include "roles/hypercall/conformance.h"
#include "tests/guests/caller32.h"
#include "xen/abi/assignment_3.h"
#include "xen/assignment.h"

#define PAGE         4096u
#define PAGE_ALIGNED __attribute__((aligned(PAGE)))
#define RANDOM_CALLS 10000
#define PTE_READ     0x21 /* present, accessed; no write */

/*
 * Xen mirrors what it has for each vCPU of a 32-bit PV guest here since 4.15: PML4 slot 4. The GDT
 * comes first, and ends with Xen's own descriptors; this is where its 64-bit code segment is.
 */
#define XEN_GDT     0x0000020000000000ull
#define XEN_CODE_64 0xe008

int hypercall_2(unsigned int number, unsigned int first, const void *second);
int hypercall_4(unsigned int number, unsigned int first, unsigned int second, unsigned int third,
                unsigned int fourth);
void pv32_main(const struct start_info *start);

static struct {
    struct xencons_interface *ring;
    evtchn_port_t port;
} console;

int64_t assignment_call(unsigned int command, void *argument)
{
    return hypercall_2(__HYPERVISOR_assignment_3, command, argument);
}

int64_t assignment_multicall(struct multicall_entry *entries, unsigned int count)
{
    return hypercall_4(__HYPERVISOR_multicall, (uintptr_t)entries, count, 0, 0);
}

static void tell_console(void)
{
    struct evtchn_send send = {.port = console.port};

    hypercall_2(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &send);
}

/* Waits for room for as long as it takes: whoever started this guest has a deadline. */
void print(const char *text)
{
    struct xencons_interface *ring = console.ring;

    for (; *text; text++) {
        while (ring->out_prod - *(volatile XENCONS_RING_IDX *)&ring->out_cons >=
               sizeof(ring->out)) {
            tell_console();
            hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_yield, NULL);
        }
        ring->out[MASK_XENCONS_IDX(ring->out_prod, ring->out)] = *text;
        __asm__ volatile("" : : : "memory"); /* x86 keeps the order of stores */
        ring->out_prod++;
    }
    tell_console();
}

static void stop(unsigned int reason)
{
    struct sched_shutdown shutdown = {.reason = reason};

    hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &shutdown);
    for (;;)
        ;
}

/* Sets the page table entry of a page of ours; 0 unmaps it. */
static void set_mapping(const void *page, uint64_t entry)
{
    int result = hypercall_4(__HYPERVISOR_update_va_mapping, (uintptr_t)page, (uint32_t)entry,
                             (uint32_t)(entry >> 32), UVMF_INVLPG);

    if (!tap_check(result == 0, "page table entry of 0x%x: result %d", (uintptr_t)page, result))
        stop(SHUTDOWN_crash);
}

/* The byte at any 64-bit address, out of its checksum; -1 if Xen refuses. */
static int peek(struct xen_assignment_3_checksum *argument, uint64_t address)
{
    argument->buffer = address;
    argument->length = 1;
    argument->pad = 0;
    if (assignment_call(ASSIGNMENT_3_checksum, argument) != 0)
        return -1;
    for (unsigned int byte = 0; byte < 256; byte++) {
        uint8_t guess = (uint8_t)byte;

        if (crc32c(0, &guess, 1) == argument->crc)
            return (int)byte;
    }
    return -1;
}

static void check_xen_unreachable(void *argument)
{
    uint64_t descriptor = 0;
    unsigned int count = 0;

    for (unsigned int i = 0; i < 8; i++) {
        int byte = peek(argument, XEN_GDT + XEN_CODE_64 + i);

        if (byte >= 0) {
            count++;
            descriptor |= (uint64_t)byte << 8 * i;
        }
    }
    tap_check(count == 0,
              "%u of 8 bytes of Xen's code segment descriptor could be read: 0x%lx%08lx", count,
              (unsigned long)(descriptor >> 32), (unsigned long)(uint32_t)descriptor);
}

void pv32_main(const struct start_info *start)
{
    static uint8_t buffer[CONFORMANCE_BUFFER_SIZE] PAGE_ALIGNED;
    static uint8_t arguments[PAGE] PAGE_ALIGNED, constant[PAGE] PAGE_ALIGNED;
    static uint8_t last[2 * PAGE] PAGE_ALIGNED;
    const uint32_t *frames = (const uint32_t *)start->mfn_list;
    const uint32_t *m2p = (const uint32_t *)HYPERVISOR_VIRT_START;
    const struct conformance conformance = {
        .buffer = buffer,
        .arguments = arguments,
        .unmapped = 0x80000000,
        .end = (uintptr_t)last + PAGE,
        .read_only = (uintptr_t)constant,
        .domid = CONFORMANCE_DOMID_ANY,
        .hvm = false,
    };

    /* Xen's toolstack maps our first pages one to one: page N at N * 4096. */
    console.ring = (struct xencons_interface *)(uintptr_t)(m2p[start->console.domU.mfn] * PAGE);
    console.port = start->console.domU.evtchn;

    say("TAP version 13\n");
    set_mapping(NULL, 0);
    set_mapping(last + PAGE, 0);
    set_mapping(constant, (uint64_t)frames[(uintptr_t)constant / PAGE] * PAGE | PTE_READ);
    if (tap_check(assignment_call(ASSIGNMENT_3_info, arguments) != -XEN_ENOSYS,
                  "Xen has the hypercall, for 32-bit PV callers")) {
        check_xen_unreachable(arguments);
        conformance_run(&conformance);
        conformance_run_random(&conformance, RANDOM_CALLS, 32);
    }
    stop(verdict() ? SHUTDOWN_poweroff : SHUTDOWN_crash);
}
