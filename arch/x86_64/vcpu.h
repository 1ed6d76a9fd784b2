/* SPDX-License-Identifier: MIT */
/*
 * What each vCPU has of its own, all of it in one struct, which GS finds in ring 0. In ring 3 GS is
 * the program's: the ways in and out of it (traps_entry.asm, syscall_entry.asm) exchange the two.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/x86_64/memlayout.h"
#include "xen/abi/xen.h"

#define VCPUS_MAX 128 /* what Xen allows an HVM or PVH domain */

/* Bytes; stacks.asm has the same for the boot vCPU. */
#define STACK_SIZE     (4ul * PAGE_SIZE)
#define IST_STACK_SIZE (2ul * PAGE_SIZE)

/* Intel SDM volume 3, 8.7. */
struct tss {
    uint32_t reserved0;
    uint64_t rsp[3];
    uint64_t reserved1;
    uint64_t ist[7];
    uint64_t reserved2;
    uint16_t reserved3;
    uint16_t io_map; /* beyond the limit: no map */
} __attribute__((packed));

struct vcpu {
    struct vcpu *self;    /* these three are where syscall_entry.asm looks for them */
    uint64_t entry_stack; /* what SYSCALL switches to, coming from ring 3 */
    uint64_t user_stack;  /* ring 3's stack pointer meanwhile */
    unsigned int id;      /* Xen's: 0 to VCPUS_MAX - 1 */

    /* arch/x86_64: its stacks, for backtraces; segments; the probe under way; ring 3's way back. */
    uintptr_t stack_bottom, stack_top;
    uintptr_t entry_stack_bottom;
    struct tss tss;
    uint64_t gdt[7];
    struct {
        uint64_t stack; /* 0 while no probe is under way */
        struct trap_report *report;
    } probe;
    uint64_t left_stack;

    /* xen/shared_info.h: where Xen writes this vCPU's clock and events: in shared_info (while it is
     * NULL nobody has asked) or, where that has no room, in `own_info`. */
    volatile struct vcpu_info *info;
    volatile struct vcpu_info own_info __attribute__((aligned(64)));

    /* xen/clock.c: the last reading here that was later than all before it. */
    uint64_t latest_ns, latest_tsc;

    /* xen/evtchn.c: how many interrupts of events came on this vCPU's own vector, and on the one
     * that all share. */
    uint64_t own_upcalls, shared_upcalls;

    /* xen/vcpus.c: the port that wakes it, whether it has come up, and what it has to do. */
    evtchn_port_t port;
    bool is_up;
    void (*job)(void *argument);
    void *argument;
};

_Static_assert(offsetof(struct vcpu, entry_stack) == 8 && offsetof(struct vcpu, user_stack) == 16,
               "syscall_entry.asm knows these offsets");
_Static_assert(sizeof(struct vcpu) <= PAGE_SIZE, "a struct vcpu lies in one page, as Xen asks");

/* The vCPU that executes this. After gdt_init(). */
static inline struct vcpu *vcpu_self(void)
{
    struct vcpu *self;

    __asm__("mov %%gs:0, %0" : "=r"(self));
    return self;
}

/* How many vCPUs there are, the boot vCPU included, and each of them: `id` is below that. */
unsigned int vcpu_count(void);
struct vcpu *vcpu_at(unsigned int id);

/* Adds a vCPU: the one of the next id, which is set, as `self` is. */
void vcpu_add(struct vcpu *vcpu);
