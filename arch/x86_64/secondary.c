/* SPDX-License-Identifier: MIT */
#include "arch/x86_64/secondary.h"

#include "arch/x86_64/gdt.h"
#include "arch/x86_64/paging.h"
#include "arch/x86_64/syscall.h"
#include "arch/x86_64/traps.h"
#include "lib/string.h"

struct block {
    struct vcpu vcpu __attribute__((aligned(PAGE_SIZE)));
    uint8_t stack_guard[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
    uint8_t stack[STACK_SIZE];
    struct {
        uint8_t guard[PAGE_SIZE], stack[IST_STACK_SIZE];
    } ist[IST_STACKS];
    uint8_t entry_guard[PAGE_SIZE], entry_stack[STACK_SIZE];
};

_Static_assert(sizeof(struct block) == SECONDARY_SIZE, "SECONDARY_SIZE is what a vCPU needs");

void secondary_prepare(uint64_t memory)
{
    struct block *block = (struct block *)memory;
    struct vcpu *vcpu = &block->vcpu;

    memset(vcpu, 0, sizeof(*vcpu)); /* a BIOS may have been here */
    vcpu_add(vcpu);
    vcpu->stack_bottom = (uintptr_t)block->stack;
    vcpu->stack_top = vcpu->stack_bottom + STACK_SIZE;
    vcpu->entry_stack_bottom = (uintptr_t)block->entry_stack;
    vcpu->entry_stack = vcpu->entry_stack_bottom + STACK_SIZE;
    for (unsigned int i = 0; i < IST_STACKS; i++) {
        vcpu->tss.ist[i] = (uintptr_t)block->ist[i].stack + IST_STACK_SIZE;
        paging_unmap((uintptr_t)block->ist[i].guard, 1);
    }
    paging_unmap((uintptr_t)block->stack_guard, 1);
    paging_unmap((uintptr_t)block->entry_guard, 1);
}

noreturn void secondary_start(struct vcpu *vcpu, void (*main)(void))
{
    gdt_load(vcpu);
    traps_load();
    syscall_load();
    main();
    __builtin_unreachable();
}
